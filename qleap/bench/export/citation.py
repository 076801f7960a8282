"""The DataCite record of a crate (metadata schema 4.5, JSON)."""

import datetime
from typing import Any

import qleap
from qleap.bench.export.about import About, Creator, Funder
from qleap.bench.export.access import ACCESS
from qleap.core.extras import require

__all__ = ["datacite_record"]

SCHEMA = "http://datacite.org/schema/kernel-4"


def datacite_record(about: About, made: datetime.datetime) -> dict[str, Any]:
    """Return the record, validated against the schema.

    Parameters
    ----------
    about : About
    made : datetime
        When the crate was made, UTC.

    Raises
    ------
    MissingExtra
        Where ``datacite`` is not installed.
    """
    access = ACCESS[about.access]
    titles = [{"title": about.title, "lang": "en"}]
    if about.title_ja is not None:
        titles.append(
            {"title": about.title_ja, "titleType": "TranslatedTitle", "lang": "ja"}
        )
    dates = [{"date": made.date().isoformat(), "dateType": "Created"}]
    if about.available is not None:
        dates.append({"date": about.available.isoformat(), "dateType": "Available"})
    record: dict[str, Any] = {
        "schemaVersion": SCHEMA,
        "types": {
            "resourceTypeGeneral": "Dataset",
            "resourceType": "Evidence of technology readiness",
        },
        "titles": titles,
        "creators": [_creator(one) for one in about.creators],
        "publisher": {"name": about.publisher},
        "publicationYear": str((about.available or made.date()).year),
        "dates": dates,
        "language": "en",
        "version": qleap.__version__,
        "descriptions": [
            {
                "description": about.description,
                "descriptionType": "Abstract",
                "lang": "en",
            }
        ],
        "rightsList": [
            {
                "rights": about.licence,
                "rightsIdentifier": about.licence,
                "rightsIdentifierScheme": "SPDX",
                "schemeUri": "https://spdx.org/licenses/",
                "rightsUri": f"https://spdx.org/licenses/{about.licence}",
            },
            {"rights": access.term, "rightsUri": access.address, "lang": "en"},
            {"rights": access.label_ja, "lang": "ja"},
        ],
        "subjects": [{"subject": word} for word in about.keywords],
        "fundingReferences": [_funding(one) for one in about.funders],
    }
    if about.doi is not None:
        record["doi"] = about.doi
    require("datacite.schema45", "crate").validator.validate(record)
    return record


def _creator(one: Creator) -> dict[str, Any]:
    family, _, given = (part.strip() for part in one.name.partition(","))
    found: dict[str, Any] = {"name": one.name, "nameType": "Personal"}
    if given:
        found |= {"familyName": family, "givenName": given}
    if one.orcid is not None:
        found["nameIdentifiers"] = [
            {
                "nameIdentifier": one.orcid,
                "nameIdentifierScheme": "ORCID",
                "schemeUri": "https://orcid.org",
            }
        ]
    if one.affiliation is not None:
        place = {"name": one.affiliation}
        if one.ror is not None:
            place |= {
                "affiliationIdentifier": one.ror,
                "affiliationIdentifierScheme": "ROR",
                "schemeUri": "https://ror.org",
            }
        found["affiliation"] = [place]
    return found


def _funding(one: Funder) -> dict[str, Any]:
    found = {"funderName": one.name}
    if one.ror is not None:
        found |= {"funderIdentifier": one.ror, "funderIdentifierType": "ROR"}
    if one.grant is not None:
        found["awardNumber"] = one.grant
    if one.programme is not None:
        found["awardTitle"] = one.programme
    return found
