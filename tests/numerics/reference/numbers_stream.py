"""Numbers that the tests draw too (numbers.ts), so that inputs need not be stored."""
import torch


def numbers(state):
    """Numbers in [-0.5, 0.5): a linear congruential generator."""
    while True:
        state = (1664525 * state + 1013904223) % 2**32
        yield state / 2**32 - 0.5


def tensor(stream, shape, scale=1.0, offset=0.0):
    count = 1
    for size in shape:
        count *= size
    flat = [next(stream) * scale + offset for _ in range(count)]
    return torch.tensor(flat, dtype=torch.float64).float().reshape(shape)


def rounded(value, digits=9):
    """Nine significant digits name a float32 exactly."""
    return [float(f"{x:.{digits}g}") for x in value.detach().flatten().tolist()]
