"""Noise by start number, and the two paths between noise vectors."""

from __future__ import annotations

import math

import pytest
import torch

from ganmodel.latents import PATHS, labels_like, lerp, noise, slerp, walk


def test_a_start_number_gives_the_same_vector_whatever_stands_beside_it() -> None:
    together = noise([3, 8, 21], 16)
    assert torch.equal(noise([8], 16)[0], together[1])
    assert torch.equal(noise([8, 8, 3], 16), together[[1, 1, 0]])


def test_the_vectors_of_start_numbers_never_change() -> None:
    """Pictures are shared by their number, so these values are a promise."""
    expected = torch.tensor(
        [[1.5409961, -0.2934289, -2.1787894], [0.6613521, 0.2669241, 0.0616773]]
    )
    torch.testing.assert_close(noise([0, 1], 3), expected, rtol=0, atol=1e-6)


def test_noise_is_standard_normal() -> None:
    z = noise(range(400), 50)
    assert abs(z.mean()) < 5 / math.sqrt(z.numel())
    assert abs(z.std() - 1) < 5 / math.sqrt(2 * z.numel())


def test_noise_leaves_the_global_random_state_alone() -> None:
    before = torch.get_rng_state()
    noise([5], 4)
    assert torch.equal(torch.get_rng_state(), before)


def test_no_start_numbers_give_no_vectors() -> None:
    assert noise([], 7).shape == (0, 7)


A, B = noise([0], 64)[0], 1.5 * noise([1], 64)[0]


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_path_is_exact_at_both_ends(path) -> None:
    torch.testing.assert_close(path(A, B, 0.0), A, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(path(A, B, 1.0), B, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_many_steps_at_once_equal_each_alone(path) -> None:
    alpha = torch.linspace(0, 1, 7)
    together = path(A, B, alpha[:, None])
    assert together.shape == (7, 64)
    for row, a in zip(together, alpha, strict=True):
        torch.testing.assert_close(row, path(A, B, a.item()), rtol=1e-6, atol=1e-6)


def test_lerp_is_the_weighted_mean() -> None:
    for alpha in (0.0, 0.25, 0.5, 1.0):
        torch.testing.assert_close(lerp(A, B, alpha), A + alpha * (B - A), rtol=1e-5, atol=1e-6)


def test_slerp_changes_the_norm_evenly() -> None:
    """Here is why it exists: lerp's midpoint is about 0.7 as long as its ends."""
    alpha = torch.linspace(0, 1, 11)
    norms = slerp(A, B, alpha[:, None]).norm(dim=-1)
    torch.testing.assert_close(norms, A.norm() + alpha * (B.norm() - A.norm()), rtol=1e-5, atol=0)
    assert lerp(A, B, 0.5).norm() < 0.85 * norms[5]


def test_slerp_turns_at_constant_speed_within_the_plane_of_its_ends() -> None:
    path = slerp(A.double(), B.double(), torch.linspace(0, 1, 13).double()[:, None])
    directions = path / path.norm(dim=-1, keepdim=True)
    turns = torch.acos((directions[1:] * directions[:-1]).sum(-1))
    whole = torch.acos((directions[0] * directions[-1]).sum())
    torch.testing.assert_close(turns, (whole / 12).expand(12), rtol=1e-6, atol=0)
    plane = torch.linalg.qr(torch.stack([A, B]).double().T).Q
    torch.testing.assert_close(plane @ (plane.T @ path.T), path.T, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("a", "b"),
    [(A, A), (A, 2 * A), (A, -A), (A, 0 * A), (0 * A, 0 * A), (A, A + 1e-7), (A, -A + 1e-7)],
    ids=["same", "parallel", "opposite", "zero end", "zeros", "nearly same", "nearly opposite"],
)
def test_slerp_is_finite_where_there_is_no_arc(a: torch.Tensor, b: torch.Tensor) -> None:
    path = slerp(a, b, torch.linspace(0, 1, 9)[:, None])
    assert path.isfinite().all()
    torch.testing.assert_close(path[0], a, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(path[-1], b, rtol=1e-4, atol=1e-4)
    assert path.norm(dim=-1).max() <= 1.01 * max(a.norm(), b.norm())


def test_slerp_takes_many_pairs_at_once() -> None:
    a, b = noise([0, 1, 2], 8), noise([5, 6, 7], 8)
    together = slerp(a, b, 0.3)
    for row in range(3):
        torch.testing.assert_close(together[row], slerp(a[row], b[row], 0.3), rtol=1e-6, atol=1e-6)


# --- classes ---------------------------------------------------------------------------------


def test_labels_for_an_evaluation_are_as_frequent_as_in_the_data() -> None:
    """Shares of 0.7, 0.2 and 0.1, whatever the order; counts within five standard deviations."""
    labels = torch.tensor([0] * 70 + [1] * 20 + [2] * 10)
    drawn = labels_like(labels, 5000)
    assert drawn.shape == (5000,)
    for label, share in ((0, 0.7), (1, 0.2), (2, 0.1)):
        deviation = math.sqrt(share * (1 - share) / 5000)
        assert abs((drawn == label).double().mean() - share) < 5 * deviation


def test_labels_for_an_evaluation_never_change() -> None:
    """Two measurements of one run must ask for the same classes; and a longer list begins with the
    shorter one, as the start numbers' noise does."""
    labels = torch.arange(1000) % 7
    before = torch.get_rng_state()
    first = labels_like(labels, 300)
    torch.manual_seed(1)
    assert torch.equal(first, labels_like(labels, 300))
    assert torch.equal(first, labels_like(labels, 900)[:300])
    torch.set_rng_state(before)
    labels_like(labels, 10)
    assert torch.equal(torch.get_rng_state(), before)


# --- walks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("stops", [2, 3, 5])
def test_a_walk_passes_every_stop_at_even_distances(path: str, stops: int) -> None:
    """Between two stops, each frame is what the path gives at its share of the way."""
    points, between = noise(range(stops), 16), 7
    frames = walk(points, (stops - 1) * between + 1, path)
    assert frames.shape == ((stops - 1) * between + 1, 16)
    for stop in range(stops):
        torch.testing.assert_close(frames[stop * between], points[stop], rtol=1e-5, atol=1e-6)
    for frame, place in enumerate(frames):
        leg, step = divmod(frame, between)
        if step:
            expected = PATHS[path](points[leg], points[leg + 1], step / between)
            torch.testing.assert_close(place, expected, rtol=1e-5, atol=1e-5)


def test_a_walk_of_two_frames_is_its_ends() -> None:
    points = noise(range(4), 16)
    ends = walk(points, 2)
    torch.testing.assert_close(ends, points[[0, 3]], rtol=1e-5, atol=1e-6)
