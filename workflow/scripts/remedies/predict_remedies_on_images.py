"""Errors of remedies on images by theory, for Gaussian features with the estimated spectrum."""

from scripts.remedies.catalogue import ON_IMAGES
from scripts.remedies.predict_remedies import predicted_remedies
from scripts.remedies.settings import OnImages
from scripts.step.files import read_json, read_spectrum, write_csv
from scripts.step.job import job

if __name__ == "__main__":
    with job(snakemake) as log:
        files = snakemake.input
        block = OnImages(**snakemake.params.block)
        images = read_json(files.source)["name"]
        name = snakemake.wildcards.learner
        budget = block.budget(name, images)
        table = predicted_remedies(read_spectrum(files.problem), budget, block.line, ON_IMAGES)
        write_csv(table, snakemake.output[0], may_be_empty=["error", "over_stop"])
        log.info("%d points", len(table))
