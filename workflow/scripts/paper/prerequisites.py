"""The paper needs TeX, the locked packages, and a config that has all that the article shows or
speaks of. This checks them before any job starts.
"""

from snakemake.exceptions import WorkflowError

from scripts.claims.settings import check_shown, check_sources
from scripts.paper.article import BIBLIOGRAPHY, names_of
from scripts.paper.assumptions import check_config
from scripts.paper.origin import check_installed
from scripts.paper.tex import INSTALL, PACKAGES, has_tex
from scripts.schema.settings import Settings
from scripts.step.imports import ROOT


def checked_paper(config: Settings, article: str) -> str:
    """Check that the paper can be made, and return its file.

    Parameters
    ----------
    config : Config
        The whole config.
    article : str
        The article's TeX.

    Returns
    -------
    str
        The paper, a file of the build.

    Raises
    ------
    WorkflowError
        With one sentence, if TeX is missing, if other versions than the lock's are installed, or,
        naming the key, if the config lacks or contradicts what the article includes or says.
    """
    if not has_tex():
        raise WorkflowError(
            f"TeX is missing or incomplete: run `make setup` or `{INSTALL} {' '.join(PACKAGES)}` "
            f"as root, or build the figures without it: snakemake --cores all figures"
        )
    figures = names_of("figures", article)
    try:
        check_installed()
    except ValueError as error:
        raise WorkflowError(str(error)) from None
    try:
        for name in figures:
            if name not in config.all_figures:
                raise ValueError(f"figures.{name}: the paper includes this figure")
        check_config(config)
        check_sources(config.claims, (ROOT / BIBLIOGRAPHY).read_text(encoding="utf-8"))
        check_shown(config.claims, (*figures, *names_of("tables", article)))
    except ValueError as error:
        raise WorkflowError(f"config: {error}") from None
    return "<results>/paper.pdf"
