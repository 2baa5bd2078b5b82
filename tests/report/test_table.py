"""Tables: they fit where they must, lose nothing, and break where names have joints."""

from hypothesis import given
from hypothesis import strategies as st

from gitops_ci.report import table

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Mn", "Me", "Mc", "Zl", "Zp"]), max_size=60
)


def test_names_break_at_their_joints() -> None:
    assert table.wrap("apps/payment-api/overlays/dev/kustomization.yaml:8", 27) == (
        "apps/payment-api/overlays/",
        "dev/kustomization.yaml:8",
    )
    assert table.wrap("1.4.1@sha256:c61ec9a48b3a", 19) == ("1.4.1@sha256:", "c61ec9a48b3a")
    assert table.wrap("at 2026-02-19", 10) == ("at", "2026-02-19")
    assert table.wrap("held until the postmortem", 10) == ("held until", "the", "postmortem")


@given(TEXTS, st.integers(2, 30))
def test_wrapping_loses_nothing_but_blanks(text: str, width: int) -> None:
    lines = table.wrap(text, width)
    assert all(table._size(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=6), st.integers(40, 120))
def test_a_fitted_table_fits(rows: list[tuple[str, str, str]], width: int) -> None:
    head, lines = table.fitted(["a", "b", "c"], rows, frozenset("c"), width)
    assert all(table._size(line) <= width for row in lines for line in row)
    assert table._size(head) <= width


def test_a_table_that_fits_is_not_wrapped() -> None:
    rows = [["ghcr.io/acme/api", "1.2.3"], ["nginx", "1.27"]]
    assert table.fitted(["image", "tag"], rows, frozenset(), 80)[1] == [
        ["ghcr.io/acme/api  1.2.3"],
        ["nginx             1.27"],
    ]


def test_wide_characters_take_two_columns() -> None:
    assert table.plain(["a", "b"], [["東京", "x"], ["abcd", "y"]], frozenset())[1:] == ["東京  x", "abcd  y"]
