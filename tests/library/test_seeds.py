"""Random streams: one for each key."""

from model_collapse.seeds import random_stream


def test_streams_differ_by_every_part_of_their_key():
    keys = [("a", "generator", 0, 1), ("a", "generator", 1, 0), ("a", "downstream", 0, 1), ("b", 1)]
    draws = {random_stream(*key).standard_normal() for key in (*keys, (1, 23), (12, 3))}
    assert len(draws) == 6
    assert random_stream("b", 1).standard_normal() in draws
