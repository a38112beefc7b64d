"""The law: every object of the base side is kept, renamed or removed, and exactly one of these."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.core.blast.language import Declared, compare


def declared(address: str, path: str = "a.tf", **attributes: str) -> Declared:
    return Declared(address=address, type=address.split(".", maxsplit=1)[0], path=path, line=1, attributes=attributes)


def test_an_object_that_moved_to_another_file_is_kept() -> None:
    comparison = compare([declared("db.main", "a.tf")], [declared("db.main", "b.tf")])
    assert (len(comparison.kept), comparison.removed, comparison.added) == (1, (), ())
    assert comparison.changed == ()


def test_an_address_declared_twice_and_then_once_is_removed_once() -> None:
    comparison = compare([declared("db.main", "a.tf"), declared("db.main", "b.tf")], [declared("db.main", "b.tf")])
    assert [gone.path for gone in comparison.removed] == ["a.tf"]
    assert [(pair.before.path, pair.after.path) for pair in comparison.kept] == [("b.tf", "b.tf")]


def test_a_newcomer_of_the_same_type_and_alike_attributes_is_the_old_one_renamed() -> None:
    before, after = declared("db.main", size="10", engine="x"), declared("db.primary", size="10", engine="x")
    comparison = compare([before], [after])
    assert [(pair.before, pair.after) for pair in comparison.renamed] == [(before, after)]
    assert (comparison.removed, comparison.added) == ((), ())


def test_a_newcomer_unlike_the_removed_one_is_a_newcomer() -> None:
    comparison = compare([declared("db.main", size="10")], [declared("db.other", size="20")])
    assert (len(comparison.removed), len(comparison.added), comparison.renamed) == (1, 1, ())


objects = st.lists(
    st.builds(
        lambda type_, name, path, size: declared(f"{type_}.{name}", path, size=size),
        st.sampled_from("ab"),
        st.sampled_from("xyz"),
        st.sampled_from(["1.tf", "2.tf"]),
        st.sampled_from("12"),
    ),
    max_size=8,
)


@given(objects, objects)
def test_nothing_is_lost_and_nothing_counted_twice(base: list[Declared], head: list[Declared]) -> None:
    comparison = compare(base, head)
    before = [*comparison.removed, *(pair.before for pair in (*comparison.kept, *comparison.renamed))]
    after = [*comparison.added, *(pair.after for pair in (*comparison.kept, *comparison.renamed))]
    assert sorted(map(str, before)) == sorted(map(str, base))
    assert sorted(map(str, after)) == sorted(map(str, head))


@given(objects)
def test_a_side_compared_with_itself_has_no_change(side: list[Declared]) -> None:
    comparison = compare(side, side)
    assert (comparison.removed, comparison.added, comparison.changed, comparison.renamed) == ((), (), (), ())
