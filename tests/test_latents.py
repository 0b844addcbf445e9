"""Noise by start number, the paths between noise vectors and through many, and the map."""

from __future__ import annotations

import math

import pytest
import torch

from ganmodel.latents import PATHS, along, labels_like, lerp, noise, plane, slerp, walk

LEGS = {"slerp": slerp, "lerp": lerp}  # from one vector to one other


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


@pytest.mark.parametrize("path", LEGS.values(), ids=LEGS)
def test_a_path_is_exact_at_both_ends(path) -> None:
    torch.testing.assert_close(path(A, B, 0.0), A, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(path(A, B, 1.0), B, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("path", LEGS.values(), ids=LEGS)
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


@pytest.mark.parametrize("path", LEGS)
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
            expected = LEGS[path](points[leg], points[leg + 1], step / between)
            torch.testing.assert_close(place, expected, rtol=1e-5, atol=1e-5)


def test_a_walk_of_two_frames_is_its_ends() -> None:
    points = noise(range(4), 16)
    ends = walk(points, 2)
    torch.testing.assert_close(ends, points[[0, 3]], rtol=1e-5, atol=1e-6)


def test_a_film_of_a_loop_repeats_without_a_double_frame() -> None:
    """The step from the last frame to the first is as long as its neighbours, not 0."""
    frames = walk(noise(range(4), 16), 80, "loop")
    steps = (frames.roll(-1, 0) - frames).norm(dim=1)
    assert frames.shape == (80, 16)
    assert steps[-1] == pytest.approx(float(steps[[-2, 0]].mean()), rel=0.1)


# --- whole ways ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("count", [2, 3, 6])
def test_a_way_is_exact_at_its_stops(path: str, count: int) -> None:
    stops = noise(range(count), 64) * torch.linspace(0.5, 2, count)[:, None]
    legs = {2: 4, 3: 3, 6: 6}[count] if path == "loop" else count - 1
    at = torch.arange(count) / legs
    torch.testing.assert_close(along(stops, at, path), stops, rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("path", PATHS)
def test_many_shares_at_once_equal_each_alone_and_keep_the_type(path: str) -> None:
    stops, at = noise(range(3), 8), torch.rand(40, generator=torch.Generator().manual_seed(0))
    together = along(stops, at, path)
    assert together.shape == (40, 8)
    assert together.dtype == torch.float32
    assert along(stops.double(), at, path).dtype == torch.float64
    for row, share in zip(together, at, strict=True):
        assert torch.equal(row, along(stops, share[None], path)[0])
    assert along(stops, torch.empty(0), path).shape == (0, 8)


def test_slerp_turns_at_constant_speed_on_each_leg_of_a_way() -> None:
    stops = noise(range(4), 32).double()
    directions = along(stops, torch.linspace(0, 1, 31).double(), "slerp")
    directions /= directions.norm(dim=1, keepdim=True)
    turns = torch.acos((directions[1:] * directions[:-1]).sum(1)).view(3, 10)
    ends = stops / stops.norm(dim=1, keepdim=True)
    whole = torch.acos((ends[1:] * ends[:-1]).sum(1))
    torch.testing.assert_close(turns, (whole[:, None] / 10).expand(3, 10), rtol=1e-5, atol=0)


STOPS = {
    "two": noise(range(2), 16),
    "three": noise(range(3), 16),
    "six": noise(range(6), 16),
    "norms far apart": noise(range(5), 16) * torch.tensor([[1], [9], [0.2], [0.1], [4]]),
    "same": A.expand(2, -1),
    "parallel": torch.stack([A, 3 * A]),
    "opposite": torch.stack([A, -2 * A]),
    "there and back": torch.stack([A, -A, A]),
    "two pairs of opposites": torch.stack([A, -A, B, -B]),
    "through zero": torch.stack([A, 0 * A, B]),
    "zeros": 0 * noise(range(3), 16),
}


@pytest.mark.parametrize("stops", STOPS.values(), ids=STOPS)
def test_a_loop_is_closed_and_smooth_everywhere(stops: torch.Tensor) -> None:
    """Slopes by finite differences: from one to the next they change little, at the seam as well.

    With a kink, halving the steps would leave the greatest change as it is; smooth, it halves.
    """
    stops = stops.double()
    ends = along(stops, torch.tensor([0.0, 1.0]), "loop")
    torch.testing.assert_close(ends[0], ends[1], rtol=1e-9, atol=1e-9)
    changes = []
    for steps in (12_000, 24_000):
        points = along(stops, torch.arange(steps).double() / steps, "loop")
        assert points.isfinite().all()
        slopes = (points.roll(-1, 0) - points) * steps
        changes.append((slopes.roll(-1, 0) - slopes).norm(dim=1).max())
    assert changes[1] <= 0.55 * changes[0] + 1e-6


@pytest.mark.parametrize("stops", STOPS.values(), ids=STOPS)
def test_a_loop_stands_at_every_stop(stops: torch.Tensor) -> None:
    count = len(stops)
    at = torch.arange(count, dtype=torch.float64) / (4 if count == 2 else count)
    torch.testing.assert_close(along(stops, at, "loop"), stops, rtol=1e-5, atol=1e-5)


CURVED = ("two", "three", "six", "norms far apart", "same", "parallel")


@pytest.mark.parametrize("name", CURVED)
def test_a_loop_is_never_longer_or_shorter_than_its_stops(name: str) -> None:
    """Such points would be less likely than any noise; a plain spline of norms would overshoot."""
    norms = along(STOPS[name], torch.linspace(0, 1, 999), "loop").norm(dim=1)
    ends = STOPS[name].norm(dim=1)
    assert norms.max() <= 1.001 * ends.max()
    assert norms.min() >= 0.999 * ends.min()


@pytest.mark.parametrize("name", [name for name in STOPS if name not in CURVED])
def test_a_loop_that_passes_zero_is_hardly_longer_than_its_stops(name: str) -> None:
    norms = along(STOPS[name], torch.linspace(0, 1, 999), "loop").norm(dim=1)
    assert norms.max() <= 1.05 * STOPS[name].norm(dim=1).max()


def test_a_loop_through_two_stops_is_the_circle_on_which_both_lie() -> None:
    """In their plane and once around, past A, B, −A and −B."""
    points = along(torch.stack([A, B]).double(), torch.linspace(0, 1, 401), "loop")
    q, _ = torch.linalg.qr(torch.stack([A, B]).double().T)
    flat = points @ q
    torch.testing.assert_close(flat @ q.T, points, rtol=0, atol=1e-9)
    angles = torch.atan2(flat[:, 1], flat[:, 0])
    turns = torch.remainder(angles.diff() + math.pi, 2 * math.pi) - math.pi
    assert (turns > 0).all() or (turns < 0).all()
    assert abs(float(turns.sum())) == pytest.approx(2 * math.pi, abs=1e-6)
    expected = torch.stack([A, B, -A, -B, A]).double()
    torch.testing.assert_close(points[::100], expected, rtol=1e-6, atol=1e-6)


def test_a_loop_of_three_at_right_angles_is_the_spline_of_its_formula() -> None:
    """Halfway between two stops of a Catmull-Rom spline stands (−p₀ + 9 p₁ + 9 p₂ − p₃) / 16."""
    stops = 2 * torch.eye(3, dtype=torch.float64)
    halfway = along(stops, torch.tensor([0.5]), "loop")[0]  # between the second and the third
    mixed = torch.tensor([-2.0, 9.0, 9.0], dtype=torch.float64)  # the first is on both sides
    torch.testing.assert_close(halfway, 2 * mixed / mixed.norm(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("stops", "path", "wanted"),
    [(noise([0], 4), "slerp", "two stops"), (noise([0, 1], 4), "knight", "slerp or lerp or loop")],
)
def test_a_way_that_is_none_is_refused(stops: torch.Tensor, path: str, wanted: str) -> None:
    with pytest.raises(ValueError, match=wanted):
        along(stops, torch.tensor([0.5]), path)


# --- the map ---------------------------------------------------------------------------------

ANCHORS = torch.stack([A, B, 0.8 * noise([2], 64)[0]])


def test_the_map_is_exact_at_its_anchors() -> None:
    drawn = plane(ANCHORS, torch.tensor([0.0, 1.0, 0.0]), torch.tensor([0.0, 0.0, 1.0]))
    assert drawn.dtype == torch.float32
    torch.testing.assert_close(drawn, ANCHORS, rtol=1e-6, atol=1e-6)


def test_a_point_of_the_map_has_the_planes_direction_and_the_anchors_norm() -> None:
    """One point by one: the direction of A + u (B − A) + v (C − A), the norm mixed alike."""
    u = torch.tensor([0.5, 0.2, 1 / 3, -0.4])
    v = torch.tensor([0.0, 0.3, 1 / 3, 0.1])
    a, b, c = ANCHORS
    for point, s, t in zip(plane(ANCHORS, u, v), u, v, strict=True):
        straight = a + s * (b - a) + t * (c - a)
        norm = a.norm() + s * (b.norm() - a.norm()) + t * (c.norm() - a.norm())
        torch.testing.assert_close(point, straight / straight.norm() * norm, rtol=1e-5, atol=1e-5)


def test_far_out_on_the_map_points_stay_as_long_as_noise() -> None:
    far = torch.linspace(-50, 50, 41)
    u, v = (axis.flatten() for axis in torch.meshgrid(far, far, indexing="ij"))
    norms = plane(ANCHORS, u, v).norm(dim=1)
    least, most = ANCHORS.norm(dim=1).min(), ANCHORS.norm(dim=1).max()
    assert norms.min() >= 0.999 * least / 2
    assert norms.max() <= 1.001 * 1.5 * most


def test_a_map_of_anchors_in_one_line_is_finite() -> None:
    grid = torch.linspace(-2, 2, 9)
    assert plane(torch.stack([A, -A, A]), grid, 0 * grid).isfinite().all()
    assert plane(0 * ANCHORS, grid, grid).isfinite().all()
