"""The training loop: what its data decide, what an epoch is, and what is said when.

What one step computes is in `test_training_gradients`; that a run can be continued bit for bit, in
`test_training_exact`.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter

import pytest
import torch

from ganmodel.config import NETWORKS, SIZES
from ganmodel.data import Data, DataError
from ganmodel.schedule import crosses, history_moment, sample_moment
from ganmodel.training import Trainer, train
from tests.support import (
    inputs_of,
    numbered_images,
    rows_of,
    run_through,
    states_of,
    tiny_config,
    tiny_data,
    tiny_images,
    tiny_trainer,
)

# --- what the data decide --------------------------------------------------------------------


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", SIZES)
def test_channels_and_size_come_from_the_data(network: str, channels: int, size: int) -> None:
    """Whatever `image_size` says: that is what a person's own pictures are brought to."""
    other = next(one for one in SIZES if one != size)
    config = tiny_config(images=16, network=network, image_size=other)
    snapshots = run_through(config, tiny_images(channels=channels, size=size))
    assert snapshots[-1].samples.shape == (4, channels, size, size)
    assert snapshots[-1].weights["D.layers.0.weight"].shape[1] == channels
    row = rows_of(snapshots)[-1][1]
    assert all(math.isfinite(v) for name, v in row.items() if name != "penalty")


def test_a_conditional_pair_on_data_without_classes_is_refused_in_a_sentence() -> None:
    images = tiny_images(8)
    config = tiny_config(conditional=True)
    one_class = Data("mine", images, torch.zeros(8, dtype=torch.long), ("cat",))
    for data in (Data("mine", images, None, ()), one_class):
        with pytest.raises(DataError) as caught:
            next(train(config, data))
        message = str(caught.value)
        assert message.startswith("mine has no classes to learn, but by class (conditional) is on")
        assert message.endswith(".")


# --- epochs ----------------------------------------------------------------------------------


def _reals_shown(trainer: Trainer, steps: int) -> tuple[list[int], list[int]]:
    """The numbers of the images that D was shown as real, in order, and each batch's size."""
    seen = inputs_of(trainer.D)
    for _ in range(steps):
        trainer.step(measure=False)
    batches = [batch[: len(batch) // 2] for batch, _ in seen[::2]]  # the others are G's alone
    numbers = ((torch.cat(batches)[:, 0, 0, 0] + 1) * 127.5 / 3).round().int().tolist()
    return numbers, [len(batch) for batch in batches]


def test_an_epoch_shows_every_image_exactly_once() -> None:
    """The article's data shrank to its first batch. 20 images, batches of 8: none fits evenly."""
    numbers, sizes = _reals_shown(tiny_trainer(numbered_images(20)), steps=10)
    assert len(numbers) == 80
    epochs = [numbers[start : start + 20] for start in range(0, 80, 20)]
    for epoch in epochs:
        assert sorted(epoch) == list(range(20))
    assert len({tuple(epoch) for epoch in epochs}) == 4  # each in an order of its own
    assert set(sizes) == {8}  # never ragged, not even across epochs


def test_data_smaller_than_a_batch_repeats_within_it() -> None:
    numbers, sizes = _reals_shown(tiny_trainer(numbered_images(3)), steps=3)
    assert Counter(numbers) == {0: 8, 1: 8, 2: 8}
    assert set(sizes) == {8}


def test_another_seed_shows_the_data_in_another_order() -> None:
    orders = [
        _reals_shown(tiny_trainer(numbered_images(20), seed=seed), 5)[0] for seed in (0, 0, 1)
    ]
    assert orders[0] == orders[1] != orders[2]


def test_a_run_ends_with_the_step_that_reaches_its_length() -> None:
    ends = [run_through(tiny_config(images=n))[-1] for n in (1, 8, 9, 100)]
    assert [(s.images_seen, s.ended) for s in ends] == [
        (8, "finished"),
        (8, "finished"),
        (16, "finished"),
        (104, "finished"),
    ]


# --- moments ---------------------------------------------------------------------------------


def test_moments_of_history_are_two_a_doubling() -> None:
    taken = [n for n in range(1, 300) if history_moment(10 * (n - 1), 10 * n, 10)]
    assert taken == [1, 2, 3, 4, 6, 8, 12, 16, 23, 32, 46, 64, 91, 128, 182, 256]


def test_no_moment_of_history_is_missed_by_long_steps() -> None:
    short = sum(history_moment(n, n + 5, 10) for n in range(0, 3000, 5))
    assert short == 16  # those of 300 units, and none twice
    assert all(history_moment(n, n + 1500, 10) for n in range(0, 3000, 1500))


def test_grids_come_often_at_first_and_less_often_later() -> None:
    moments = [n for n in range(1, 2000) if sample_moment(100 * (n - 1), 100 * n, 100)]
    gaps = [(b, b - a) for a, b in itertools.pairwise(moments)]
    assert moments[:10] == list(range(1, 11))
    assert all(gap <= max(1, min(16, 0.08 * n)) for n, gap in gaps)
    assert [gap for _, gap in gaps] == sorted(gap for _, gap in gaps)
    assert gaps[-1][1] == 16


def test_a_run_from_trained_networks_draws_a_grid_for_each_of_its_first_rows() -> None:
    moments = [n for n in range(1, 2000) if sample_moment(n - 1, n, 1, trained=True)]
    assert moments[:200] == [*range(1, 201)]
    assert moments[-1] - moments[-2] == 16


def test_grids_come_as_often_where_steps_and_rows_do_not_divide() -> None:
    """Steps of 24 images and rows of 100: a due moment lies within a step, never between two."""
    moments = [n for n in range(0, 100_000, 24) if sample_moment(n, n + 24, 100)]
    gaps = [b - a for a, b in itertools.pairwise(moments)]
    assert max(gaps) <= 1624


def test_crossing_counts_multiples_reached_not_left() -> None:
    assert crosses(0, 16, 16)
    assert crosses(8, 24, 16)
    assert not crosses(16, 24, 16)
    assert not crosses(0, 15, 16)


def test_saved_moments_lie_on_rows() -> None:
    """save_every is rounded to whole rows, so that curves have a point where weights are."""
    snapshots = run_through(tiny_config(images=256, save_every=40))
    rows = {seen for seen, _ in rows_of(snapshots)}
    assert {s.images_seen for s in snapshots if s.state} <= rows


def test_the_first_snapshot_shows_the_untrained_networks() -> None:
    first = next(train(tiny_config(), tiny_data()))
    assert first.images_seen == 0
    assert first.samples is not None
    assert first.weights is not None
    assert first.keep_weights


def test_a_continued_training_does_not_show_its_start_again() -> None:
    state = states_of(run_through(tiny_config()))[0]
    shown = next(s for s in train(tiny_config(), tiny_data(), state=state) if s.samples is not None)
    assert shown.images_seen > state.images_seen
