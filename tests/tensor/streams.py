"""Calls that draw random numbers, each run by this library and by PyTorch."""

LINEAR = [
    *((f"rand {n}", lambda T, n=n: T.rand(n)) for n in (1, 15, 16, 33, 1000)),
    *((f"randn {n}", lambda T, n=n: T.randn(n)) for n in (1, 2, 5, 15, 16, 17, 33, 1000)),
    *((f"randn64 {n}", lambda T, n=n: T.randn(n, dtype=T.float64)) for n in (3, 16, 35)),
    ("rand64", lambda T: T.rand(2, 3, dtype=T.float64)),
    ("randperm", lambda T: T.randperm(50)),
    ("randperm 1", lambda T: T.randperm(1)),
    ("randint", lambda T: T.randint(10, (7,))),
    ("randint low", lambda T: T.randint(-5, 1000, (2, 5))),
    ("randint 2^28 - 1", lambda T: T.randint(2**28 - 1, (9,))),
    ("randint 2^28", lambda T: T.randint(2**28, (9,))),
    ("randint 2^40", lambda T: T.randint(-(2**40), 2**40, (9,))),
    ("uniform_", lambda T: T.empty(40).uniform_(-0.3, 0.7)),
    ("uniform64_", lambda T: T.empty(5, dtype=T.float64).uniform_(-0.3, 0.7)),
    ("normal_", lambda T: T.empty(40).normal_(2.0, 0.5)),
    ("normal_ few", lambda T: T.empty(7).normal_(2.0, 0.5)),
    ("normal_ std", lambda T: T.empty(40).normal_(0.0, 0.02)),
    ("bernoulli_", lambda T: T.empty(50).bernoulli_(0.3)),
    ("bernoulli", lambda T: T.bernoulli(T.full((50,), 0.3))),
    ("exponential_", lambda T: T.empty(30).exponential_(2.0)),
    ("random_", lambda T: T.empty(9, dtype=T.int64).random_(0, 10)),
    ("normal", lambda T: T.normal(1.0, 0.5, (4, 5))),
    ("normal tensors", lambda T: T.normal(T.arange(20.0), T.full((20,), 0.1))),
    ("rand_like", lambda T: T.rand_like(T.zeros(2, 3))),
    ("randn_like", lambda T: T.randn_like(T.zeros(4, 5))),
    ("randint_like", lambda T: T.randint_like(T.zeros(4), 3, 9)),
    ("multinomial", lambda T: T.multinomial(T.tensor([0.1, 0.2, 0.3, 0.4]), 20, True)),
    ("multinomial rows", lambda T: T.multinomial(T.tensor([[0.1, 0.9], [0.5, 0.5]]), 9, True)),
    ("multinomial once", lambda T: T.multinomial(T.tensor([1.0, 2.0, 3.0, 4.0, 5.0]), 3)),
]


def drawn(library, seed=123):
    """Return what all calls draw, one after the other from one seed."""
    library.manual_seed(seed)
    return {name: call(library).numpy() for name, call in LINEAR}
