"""fit and evaluate: the loop against its plain form, bad losses, Ctrl-C, and what is reported."""

import math
import os
import signal

import numpy as np
import pytest

import scratchml.nn as nn
import scratchml.tensor as torch
from scratchml import optim
from scratchml.data import DataLoader, TensorDataset
from scratchml.optim import lr_scheduler
from scratchml.tensor.tape import mode


def problem(n=60, seed=0):
    random = np.random.default_rng(seed)
    x = random.standard_normal((n, 4)).astype(np.float32)
    y = (x @ np.array([1.0, -2.0, 0.5, 0.0], np.float32) > 0).astype(np.int64)
    return x, y


def make(n=60, size=8, shuffle=False, lr=0.1):
    torch.manual_seed(0)
    model = nn.Linear(4, 2)
    loader = DataLoader(TensorDataset(*problem(n)), batch_size=size, shuffle=shuffle)
    return model, loader, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=lr, momentum=0.9)


def weights(model):
    return np.concatenate([p.array.ravel() for p in model.parameters()])


def test_it_is_the_plain_loop():
    model, loader, loss_function, optimizer = make()
    losses, rates = [], []
    schedule = lr_scheduler.StepLR(optimizer, 2, 0.5)
    for _ in range(3):
        total = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = loss_function(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y.array)
        losses.append(total / 60)
        schedule.step()
        rates.append(optimizer.param_groups[0]["lr"])
    expected = weights(model)

    model, loader, loss_function, optimizer = make()
    schedule = lr_scheduler.StepLR(optimizer, 2, 0.5)
    history = nn.fit(
        model, loader, loss_function, optimizer, epochs=3, scheduler=schedule, progress=False
    )
    np.testing.assert_array_equal(weights(model), expected)
    np.testing.assert_allclose(history["loss"], losses, rtol=1e-12)
    assert history["lr"] == rates
    assert len(history["seconds"]) == 3
    assert set(history) == {"loss", "accuracy", "lr", "seconds"}


def test_validation_and_accuracy():
    model, loader, loss_function, optimizer = make(shuffle=True)
    x, y = problem(33, seed=1)
    others = DataLoader(TensorDataset(x, y), batch_size=10)
    history = nn.fit(
        model, loader, loss_function, optimizer, epochs=15, validation=others, progress=False
    )
    found = nn.evaluate(model, others, loss_function)
    output = model(torch.from_numpy(x)).detach().numpy()
    assert found["accuracy"] == pytest.approx((output.argmax(axis=1) == y).mean())
    logs = output - np.log(np.exp(output).sum(axis=1, keepdims=True))
    assert found["loss"] == pytest.approx(-logs[np.arange(33), y].mean(), rel=1e-5)
    assert history["validation_loss"][-1] == found["loss"]
    assert history["validation_accuracy"][-1] == found["accuracy"]
    assert found["accuracy"] > 0.9
    assert history["loss"][-1] < history["loss"][0]


def test_evaluate_leaves_modes_as_they_were_and_records_nothing():
    seen = []

    class Probe(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(4, 2)
            self.frozen = nn.Linear(1, 1).eval()

        def forward(self, x):
            seen.append((self.training, mode.recording))
            return self.inner(x)

    model = Probe()
    nn.evaluate(model, make()[1])
    assert set(seen) == {(False, False)}
    assert mode.recording
    assert (model.training, model.inner.training, model.frozen.training) == (True, True, False)
    model.eval()
    nn.evaluate(model, make()[1])
    assert not model.training

    class Bad(Probe):
        def forward(self, x):
            raise OSError

    model = Bad()
    with pytest.raises(OSError):
        nn.evaluate(model, make()[1])
    assert mode.recording
    assert model.training


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_before_the_step(bad):
    model, loader, loss_function, optimizer = make(size=20)
    calls = []

    def loss(output, target):
        calls.append(weights(model))
        return loss_function(output, target) * (bad if len(calls) == 5 else 1.0)

    with pytest.raises(FloatingPointError, match=f"the loss is {bad} in epoch 2, batch 2"):
        nn.fit(model, loader, loss, optimizer, epochs=3, progress=False)
    np.testing.assert_array_equal(weights(model), calls[-1])
    assert len(calls) == 5


def test_gradients_are_clipped_together_and_must_be_finite():
    model, loader, loss_function, optimizer = make(n=8)
    before = weights(model)
    optimizer.param_groups[0].update(lr=1.0, momentum=0.0)
    nn.fit(model, loader, loss_function, optimizer, epochs=1, max_grad_norm=1e-3, progress=False)
    assert np.linalg.norm(weights(model) - before) == pytest.approx(1e-3, rel=1e-3)

    def explode(gradient):
        return torch.from_numpy(np.full_like(gradient.array, np.inf))

    before = weights(model)
    model.weight.register_hook(explode)
    with pytest.raises(FloatingPointError, match="norm of the gradients is inf in epoch 1"):
        nn.fit(model, loader, loss_function, optimizer, epochs=1, max_grad_norm=1, progress=False)
    np.testing.assert_array_equal(weights(model), before)


def test_schedules_are_stepped_by_epoch_by_batch_or_by_loss():
    model, loader, loss_function, optimizer = make(size=20)
    schedule = lr_scheduler.OneCycleLR(optimizer, 0.1, epochs=2, steps_per_epoch=len(loader))
    nn.fit(
        model, loader, loss_function, optimizer, epochs=2, scheduler=schedule,
        step_scheduler="batch", progress=False,
    )  # fmt: skip
    assert schedule.last_epoch == 6
    values = []

    class Plateau(lr_scheduler.ReduceLROnPlateau):
        def step(self, metrics):
            values.append(metrics)
            super().step(metrics)

    schedule = Plateau(optimizer)
    for validation in (None, loader):
        history = nn.fit(
            model, loader, loss_function, optimizer, epochs=2, scheduler=schedule,
            validation=validation, progress=False,
        )  # fmt: skip
        assert values[-2:] == history["loss" if validation is None else "validation_loss"]


def test_regression_and_several_inputs():
    class Sum(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(2, 1)

        def forward(self, a, b):
            return self.inner(a) + self.inner(b)

    model = Sum()
    x = np.random.default_rng(0).standard_normal((20, 2)).astype(np.float32)
    target = (3 * x[:, :1]).astype(np.float32)
    loader = DataLoader(TensorDataset(x, np.zeros_like(x), target), batch_size=5)

    def squares(output, target):
        return ((output - target) * (output - target)).mean()

    optimizer = optim.Adam(model.parameters(), lr=0.05)
    history = nn.fit(model, loader, squares, optimizer, epochs=200, progress=False)
    assert history["loss"][-1] < 1e-3
    assert "accuracy" not in history
    assert set(nn.evaluate(model, loader, squares)) == {"loss"}


class Interrupting(optim.SGD):
    """Sends Ctrl-C in the middle of its third step, when half of the parameters have moved."""

    steps = 0

    def _steps(self, group, params):
        self.steps += 1
        for i, step in enumerate(super()._steps(group, params)):
            if self.steps == 3 and i == 1:
                os.kill(os.getpid(), signal.SIGINT)
            yield step


def test_ctrl_c_waits_for_the_end_of_the_step():
    def start():
        model, loader, loss_function, _ = make(size=30)
        optimizer = Interrupting(model.parameters(), lr=0.1)
        return model, loader, loss_function, optimizer

    before = signal.getsignal(signal.SIGINT)
    model, loader, loss_function, optimizer = start()
    with pytest.raises(KeyboardInterrupt) as stopped:
        nn.fit(model, loader, loss_function, optimizer, epochs=5, progress=False)
    assert signal.getsignal(signal.SIGINT) is before
    assert len(stopped.value.history["loss"]) == 1
    assert "its last whole step" in stopped.value.__notes__[0]
    assert optimizer.steps == 3

    expected, loader, loss_function, _ = start()
    plain = optim.SGD(expected.parameters(), lr=0.1)
    for step, (x, y) in enumerate([*loader, *loader]):
        if step == 3:
            break
        plain.zero_grad()
        loss_function(expected(x), y).backward()
        plain.step()
    np.testing.assert_array_equal(weights(model), weights(expected))


def test_progress_is_a_line_for_each_epoch(capsys):
    model, loader, loss_function, optimizer = make()
    nn.fit(model, loader, loss_function, optimizer, epochs=2, validation=loader)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("epoch 2 of 2: loss 0.")
    assert "validation accuracy" in lines[1]
    nn.fit(model, loader, loss_function, optimizer, epochs=1, progress=False)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_sees_the_batches_go_by(capsys, monkeypatch):
    monkeypatch.setattr("scratchml.nn.evaluation._on_terminal", lambda: True)
    model, loader, loss_function, optimizer = make(size=30)
    nn.fit(model, loader, loss_function, optimizer, epochs=2)
    lines = capsys.readouterr().out.splitlines()  # plain ones: the test has no terminal
    assert [line.split(",")[0] for line in lines[:2]] == [
        "epoch 1 of 2: 1 of 2 batches",
        "epoch 1 of 2: 2 of 2 batches",
    ]
    assert lines[2].startswith("epoch 1 of 2: loss")
    generator = ((x, y) for x, y in loader)  # without a length there is no bar
    nn.fit(model, generator, loss_function, optimizer, epochs=1)
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_wrong_arguments():
    model, loader, loss_function, optimizer = make()
    for epochs in (0, 1.5, None):
        with pytest.raises(ValueError, match="epochs must be a positive integer"):
            nn.fit(model, loader, loss_function, optimizer, epochs=epochs)
    with pytest.raises(ValueError, match="step_scheduler must be 'epoch' or 'batch', got 'step'"):
        nn.fit(model, loader, loss_function, optimizer, epochs=1, step_scheduler="step")
    with pytest.raises(ValueError, match="the loader gave no batch"):
        nn.fit(model, [], loss_function, optimizer, epochs=1)
    x, _ = problem(3)
    for batches in (x, DataLoader(TensorDataset(x), 3), [x]):
        with pytest.raises(ValueError, match="a batch must be inputs and targets"):
            nn.evaluate(model, batches, loss_function)


def test_an_optimizer_of_another_model_is_named():
    model, loader, loss_function, _ = make()
    other = nn.Sequential(nn.Linear(4, 2), nn.Linear(2, 2, bias=False))
    with pytest.raises(ValueError, match="of its 3 none is among the 2 of Linear"):
        nn.fit(model, loader, loss_function, optim.SGD(other.parameters(), lr=0.1), epochs=1)
    some = optim.SGD([*other.parameters(), model.bias], lr=0.1)  # a part may well be elsewhere
    before = weights(model)
    nn.fit(model, loader, loss_function, some, epochs=1, progress=False)
    changed = weights(model) != before
    assert changed.any()
    assert not changed[: model.weight.array.size].any()
