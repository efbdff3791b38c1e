"""Schedules: taken up again, composed, and told wrong things; values are in test_against_torch."""

import json
import warnings

import numpy as np
import pytest

from scratchml import optim
from scratchml.nn import Parameter
from scratchml.optim import lr_scheduler
from scratchml.tensor.tape import constant

from . import schedules


def sgd(lr=1.0, **options):
    return optim.SGD([Parameter(np.zeros(2))], lr=lr, **options)


def pair():
    groups = [
        {"params": [Parameter(np.zeros(1))]},
        {"params": [Parameter(np.zeros(1))], "lr": 0.03},
    ]
    return optim.SGD(groups, lr=0.1, momentum=0.9)


def walk(schedule, steps):
    rates = [schedule.get_last_lr()]
    for _ in range(steps):
        schedule.optimizer.step()
        schedule.step()
        rates.append(schedule.get_last_lr())
    return rates


@pytest.mark.parametrize("name", schedules.SCHEDULES)
def test_a_state_dict_takes_a_schedule_up_where_it_was(name):
    make = schedules.SCHEDULES[name]
    whole = walk(make(lr_scheduler, pair()), 40)
    first = make(lr_scheduler, pair())
    head = walk(first, 17)
    optimizer = pair()
    second = make(lr_scheduler, optimizer)
    optimizer.load_state_dict(first.optimizer.state_dict())
    state = first.state_dict()
    assert "optimizer" not in state
    second.load_state_dict(state)
    assert head + walk(second, 23)[1:] == whole


def test_state_dicts_are_plain_values():
    json.dumps(lr_scheduler.OneCycleLR(sgd(momentum=0.9), 0.1, 10).state_dict())
    json.dumps(lr_scheduler.LambdaLR(sgd(), lambda t: t).state_dict())
    json.dumps(schedules.SCHEDULES["warm-up-cosine"](lr_scheduler, sgd()).state_dict())


def test_load_state_dict_sets_nothing_that_was_not_there():
    schedule = lr_scheduler.StepLR(sgd(), 3)
    schedule.load_state_dict({"gamma": 0.5, "optimizer": None, "step": None, "other": 1})
    assert schedule.gamma == 0.5
    assert schedule.optimizer is not None
    assert callable(schedule.step)
    assert not hasattr(schedule, "other")


def test_objects_in_lambda_schedules_keep_what_they_know():
    class Factor:
        def __init__(self, base):
            self.base = base

        def __call__(self, epoch):
            return self.base**epoch

    first = lr_scheduler.LambdaLR(sgd(), Factor(0.5))
    second = lr_scheduler.LambdaLR(sgd(), Factor(0.9))
    second.load_state_dict(first.state_dict())
    assert walk(second, 2)[-1] == [0.25]


def test_a_rate_set_by_hand_is_gone_on_from():
    optimizer = sgd()
    schedule = lr_scheduler.ExponentialLR(optimizer, 0.5)
    walk(schedule, 1)
    optimizer.param_groups[0]["lr"] = 8.0
    assert walk(schedule, 1)[-1] == [4.0]


def test_two_schedules_on_one_optimizer():
    optimizer = sgd()
    parts = [lr_scheduler.ExponentialLR(optimizer, 0.5), lr_scheduler.StepLR(optimizer, 2, 0.1)]
    rates = []
    for _ in range(5):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        for schedule in parts:
            schedule.step()
    np.testing.assert_allclose(rates, [1, 0.5, 0.025, 0.0125, 0.000625], rtol=1e-14)


def test_sequences_within_sequences_count_from_their_own_beginning():
    """PyTorch counts the inner one an epoch ahead, and refuses one that comes later."""

    def inner(optimizer):
        parts = [lr_scheduler.ConstantLR(optimizer, 0.5, 9), lr_scheduler.StepLR(optimizer, 1, 0.5)]
        return lr_scheduler.SequentialLR(optimizer, parts, [2])

    optimizer = sgd()
    parts = [inner(optimizer), lr_scheduler.ConstantLR(optimizer, 0.125, 9)]
    rates = walk(lr_scheduler.SequentialLR(optimizer, parts, [4]), 5)
    assert rates == [[0.5], [0.5], [1.0], [0.5], [0.125], [0.125]]
    optimizer = sgd()
    parts = [lr_scheduler.ConstantLR(optimizer, 0.125, 9), inner(optimizer)]
    rates = walk(lr_scheduler.SequentialLR(optimizer, parts, [2]), 5)
    assert rates == [[0.125], [0.125], [0.5], [0.5], [1.0], [0.5]]


def test_warm_restarts_at_parts_of_an_epoch():
    schedule = lr_scheduler.CosineAnnealingWarmRestarts(sgd(), T_0=2, T_mult=2)
    for epoch, phase in ((0.5, 0.25), (1.0, 0.5), (2.0, 0.0), (3.0, 0.25), (6.0, 0.0), (8.0, 0.25)):
        schedule.step(epoch)
        np.testing.assert_allclose(
            schedule.get_last_lr(), [(1 + np.cos(np.pi * phase)) / 2], atol=1e-15
        )
    with pytest.raises(ValueError, match="epoch must not be negative"):
        schedule.step(-1)


@pytest.mark.parametrize(
    ("options", "values", "expected"),
    [
        ({}, [3, 2, 2, 2, 2, 1, 1], [1, 1, 1, 1, 0.5, 0.5, 0.5]),
        ({"mode": "max"}, [1, 2, 2, 2, 2, 3, 3], [1, 1, 1, 1, 0.5, 0.5, 0.5]),
        ({"cooldown": 2}, [1] * 9, [1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25]),
        ({"min_lr": 0.75}, [1] * 8, [1, 1, 1, 0.75, 0.75, 0.75, 0.75, 0.75]),
        ({"threshold": 0.5}, [8, 5, 3.9, 3, 2.5], [1, 1, 1, 1, 1]),
        ({"threshold": 2, "threshold_mode": "abs"}, [8, 7, 6.5, 6.2], [1, 1, 1, 0.5]),
        ({}, [float("nan")] * 4, [1, 1, 0.5, 0.5]),
    ],
)
def test_plateaus(options, values, expected):
    schedule = lr_scheduler.ReduceLROnPlateau(sgd(), factor=0.5, patience=2, **options)
    seen = []
    for value in values:
        schedule.step(value)
        seen += schedule.get_last_lr()
    assert seen == expected


@pytest.mark.peer
@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("threshold_mode", ["rel", "abs"])
def test_plateaus_beside_pytorch(mode, threshold_mode):
    torch = pytest.importorskip("torch")
    options = {"mode": mode, "threshold_mode": threshold_mode, "patience": 1, "cooldown": 1}
    theirs = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    pairs = [
        lr_scheduler.ReduceLROnPlateau(sgd(), factor=0.7, min_lr=0.01, **options),
        torch.optim.lr_scheduler.ReduceLROnPlateau(theirs, factor=0.7, min_lr=0.01, **options),
    ]
    for value in np.random.default_rng(0).random(60):
        for schedule in pairs:
            schedule.step(value)
        assert pairs[0].get_last_lr() == pairs[1].get_last_lr()
    pairs[0].load_state_dict(pairs[1].state_dict())
    assert pairs[0].get_last_lr() == pairs[1].get_last_lr()


def test_plateaus_take_tensors():
    schedule = lr_scheduler.ReduceLROnPlateau(sgd())
    schedule.step(constant(np.array(2.0)))
    assert schedule.best == 2.0


def test_stepping_before_the_optimizer_is_warned_of_once():
    schedule = lr_scheduler.StepLR(sgd(), 3)
    with pytest.warns(UserWarning, match="before optimizer.step"):
        schedule.step()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        schedule.step()
        walk(lr_scheduler.StepLR(sgd(), 3), 4)


s = lr_scheduler
WRONG = [
    (lambda: s.StepLR(None, 3), "optimizer must be an Optimizer, got NoneType"),
    (lambda: s.StepLR(sgd(), 0), "'step_size' parameter of StepLR must be an int .* Got 0"),
    (lambda: s.StepLR(sgd(), 3, -1.0), "'gamma' parameter of StepLR"),
    (lambda: s.StepLR(sgd(), 3, last_epoch=4), "last_epoch must be -1"),
    (lambda: s.ConstantLR(sgd(), 2.0), "'factor' parameter"),
    (lambda: s.LinearLR(sgd(), 0.0), "'start_factor' parameter"),
    (lambda: s.LinearLR(sgd(), 0.5, 1.5), "'end_factor' parameter"),
    (lambda: s.PolynomialLR(sgd(), 0), "'total_iters' parameter"),
    (lambda: s.ExponentialLR(sgd(), float("nan")), "'gamma' parameter"),
    (lambda: s.CosineAnnealingLR(sgd(), 0), "'T_max' parameter"),
    (lambda: s.CosineAnnealingWarmRestarts(sgd(), 2, 0), "'T_mult' parameter"),
    (lambda: s.LambdaLR(sgd(), [abs, abs]), "one for each of the 1 groups"),
    (lambda: s.LambdaLR(sgd(), 0.5), "lr_lambda must be callable, got float"),
    (lambda: s.OneCycleLR(sgd(), 0.1), "total_steps must be given"),
    (lambda: s.OneCycleLR(sgd(), 0.1, 0), "'total_steps' parameter"),
    (lambda: s.OneCycleLR(sgd(), 0.1, 10, pct_start=1.5), "'pct_start' parameter"),
    (lambda: s.OneCycleLR(optim.Adagrad([Parameter(np.ones(1))]), 0.1, 5), "has no momentum"),
    (lambda: s.CyclicLR(sgd(), 0.1, 1.0, mode="square"), "'mode' parameter"),
    (lambda: s.ReduceLROnPlateau(sgd(), factor=1.0), "'factor' parameter"),
    (lambda: s.ReduceLROnPlateau(sgd(), mode="mean"), "'mode' parameter"),
    (lambda: s.SequentialLR(sgd(), [], []), "at least one schedule"),
    (lambda: s.SequentialLR(sgd(), [s.StepLR(sgd(), 1)], []), "schedule of the same optimizer"),
    (lambda: s.ChainedScheduler([]), "at least one schedule"),
]


@pytest.mark.parametrize(("make", "message"), WRONG)
def test_wrong_arguments(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()


def test_sequences_of_the_wrong_kind():
    optimizer = sgd()
    step = s.StepLR(optimizer, 1)
    with pytest.raises(ValueError, match="one fewer than the 1 schedulers"):
        s.SequentialLR(optimizer, [step], [3])
    with pytest.raises(TypeError, match=r"schedulers\[1\] must be a schedule that needs nothing"):
        s.ChainedScheduler([step, s.ReduceLROnPlateau(optimizer)])


def test_more_steps_than_were_said():
    schedule = s.OneCycleLR(sgd(momentum=0.9), 0.1, total_steps=3)
    walk(schedule, 3)
    with pytest.raises(ValueError, match="made for 3 steps, this is step 4"):
        schedule.step()


def test_a_cycle_whose_rise_is_one_step():
    """PyTorch divides by zero here."""
    schedule = s.OneCycleLR(sgd(momentum=0.9), 1.0, total_steps=10, pct_start=0.1)
    assert walk(schedule, 1)[0] == [1.0]
