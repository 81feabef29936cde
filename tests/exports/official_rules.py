"""The official rules of e-invoices: XSD, EN 16931 and Peppol BIS Billing and Self-Billing.

They lie in jars that Maven brings, each known by its hash: `make rules` fetches them into `.rules`.
Their schematrons are XSLT, which saxonche runs; lxml checks the schemas. veraPDF, in jars too,
checks PDF/A; it needs a JDK. Without the jars the tests that need them are skipped and say so.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / ".rules"
_JARS = {
    "com.helger.phive.rules:phive-rules-en16931:4.3.7":
        "842998fe45911442b711300ab251e46489a9a5e2ffc02ddefc4293f8784c2662",
    "com.helger.phive.rules:phive-rules-peppol:4.3.7":
        "c82aaeda5ca16166034421393d160ec6cf77460b16e027eecc4bb5fe67a552ce",
    "com.helger.ubl:ph-ubl21:10.1.0":
        "aab58f8b1a3d539e24df125e7148c546f85b3bd7778aa2dc11a3027cf8396478",
    "com.helger.cii:ph-cii-d16b:4.1.1":
        "6f8d04bcb702b26ec4b748e8739ca27ab088034994d45ed1d708a583171dee0a",
    "com.helger.xsd:ph-xsds-ccts-cct-schemamodule:4.1.0":
        "ec0e60be5265b09fac75a57a4b284244820c23f0481a1c75802ba4eb6338b0fd",
    "com.helger.xsd:ph-xsds-xades132:4.1.0":
        "d90bdb2359bbef63bd789af238fb135dd7ada0ba9722f4e2825cd210dada013c",
    "com.helger.xsd:ph-xsds-xades141:4.1.0":
        "b34b2670774e9de79653767fd667d86823261c153f706c2344889d0702f54e41",
    "com.helger.xsd:ph-xsds-xmldsig:4.1.0":
        "66590e38b0994d0fd6cd89b1588a3c96fad3a3c85494cf764783fe0c4acc9c3d",
}  # fmt: skip
_VERAPDF = {
    "org.verapdf:core:1.28.1": "ed222dfb84930c6977fdccd4f3b16ea3e15eb7572aca18fe51d020b192e4fb24",
    "org.verapdf:parser:1.28.1":
        "f9b3205bb127333aebf156769adc0935ab7b6461f868df1223522a4a037eaeb5",
    "org.verapdf:pdf-model:1.28.1":
        "3e20351f36f20374778b0bf53b3728c0c5991734579021e11a3f1a895d257ac2",
    "org.verapdf:validation-model:1.28.1":
        "47eca60b7bdba06b3209d7857bf9e646d4e857ad7f3eeabbe58c7b8ca29e6e5b",
    "org.verapdf:verapdf-xmp-core:1.28.1":
        "7af6880a31fbb7c27e853add9d90a5e7d02e877602d533019c54e39ae7121b88",
    "org.mozilla:rhino:1.7.13":
        "931dda33789d8e004ff5b5478ee3d6d224305de330c48266df7c3e49d52fc606",
    "javax.xml.bind:jaxb-api:2.4.0-b180830.0359":
        "56b9e9702753763007435162ea788055efcfefc86ab920f032c0411dc547b836",
    "com.sun.xml.bind:jaxb-core:2.3.0.1":
        "d2ecba63615f317a11fb55c6468f6a9480f6411c10951d9881bafd9a9a8d0467",
    "com.sun.xml.bind:jaxb-impl:2.3.2":
        "b3a3d3aeaa5503cadc24dca9539b87efcd7bc3bd8c48018887a1489f2a77bdc0",
    "javax.activation:javax.activation-api:1.2.0":
        "43fdef0b5b6ceb31b0424b208b930c74ab58fac2ceeb7b3f6fd3aeb8b5ca4393",
}  # fmt: skip
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
_EN_16931, _PEPPOL = "external/schematron/1.3.16", "external/schematron/openpeppol/2026.5/xslt"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
# Namespaces whose schemas import each other without saying where they are.
_SCHEMAS = {
    "http://www.w3.org/2000/09/xmldsig#": "schemas/xmldsig-core-schema.xsd",
    "http://uri.etsi.org/01903/v1.3.2#": "schemas/XAdES01903v132-201601.xsd",
    "http://uri.etsi.org/01903/v1.4.1#": "schemas/XAdES01903v141-201601.xsd",
    "urn:un:unece:uncefact:data:specification:CoreComponentTypeSchemaModule:2":
        "schemas/CCTS_CCT_SchemaModule.xsd",
    f"{_UBL}Invoice-2": "external/schemas/ubl21/maindoc/UBL-Invoice-2.1.xsd",
    f"{_UBL}CreditNote-2": "external/schemas/ubl21/maindoc/UBL-CreditNote-2.1.xsd",
    "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100":
        "external/schemas/d16b/data/standard/CrossIndustryInvoice_100pD16B.xsd",
}  # fmt: skip
_WANTED = ("schemas/", "external/schemas/", f"{_EN_16931}/", f"{_PEPPOL}/")


def missing(jars: Mapping[str, str] = _JARS) -> str:
    """Say why the rules are not there; empty: they are."""
    lacking = [name for name in jars if not _path(name).is_file()]
    if lacking:
        return f"{len(lacking)} jars of the official rules are not in .rules: `make rules`"
    wrong = [name for name, digest in jars.items() if _sha256(_path(name)) != digest]
    return f"not what they should be: {', '.join(wrong)}" if wrong else ""


def missing_pdfa() -> str:
    """Say why PDF/A cannot be checked; empty: it can."""
    if shutil.which("javac") is None:
        return "there is no JDK: veraPDF needs one"
    return missing(_VERAPDF)


def pdfa_violations(file: Path) -> list[str]:
    """Return every rule of PDF/A-3b that a file breaks, as veraPDF finds it."""
    jars = os.pathsep.join(str(_path(name)) for name in _VERAPDF)
    program = str(Path(__file__).with_name("PdfaCheck.java"))
    done = subprocess.run(
        ["java", "-cp", jars, program, str(file)], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def fetch() -> None:
    """Fetch what is missing, by Maven; refuse what is not what its hash says."""
    FOLDER.mkdir(exist_ok=True)
    for name, digest in (_JARS | _VERAPDF).items():
        path = _path(name)
        if not path.is_file():
            subprocess.run(
                ["mvn", "-q", "-B", _COPY, f"-Dartifact={name}", f"-DoutputDirectory={FOLDER}"],
                check=True,
            )
        if _sha256(path) != digest:
            path.unlink()
            raise SystemExit(f"{name} is another file than the one that its hash names")


def _path(name: str) -> Path:
    _, artifact, version = name.split(":")
    return FOLDER / f"{artifact}-{version}.jar"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass
class OfficialRules:
    """The rules, ready to check documents."""

    folder: Path  # where they are unpacked
    _compiled: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from lxml import etree
        from saxonche import PySaxonProcessor

        for name in _JARS:
            with zipfile.ZipFile(_path(name)) as jar:
                wanted = [one for one in jar.namelist() if one.startswith(_WANTED)]
                jar.extractall(self.folder, wanted)
        imports = "".join(
            f'<xs:import namespace="{uri}" schemaLocation="{path}"/>'
            for uri, path in _SCHEMAS.items()
        )
        whole = self.folder / "whole.xsd"
        whole.write_text(
            f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
        )
        self._schema = etree.XMLSchema(etree.parse(whole, etree.XMLParser(no_network=True)))
        self._saxon = PySaxonProcessor(license=False)

    def violations(self, document: bytes) -> list[str]:
        """Return every rule that a document breaks, warnings too: its id and what it says."""
        from lxml import etree

        root = etree.fromstring(document, etree.XMLParser(no_network=True))
        if not self._schema.validate(root):
            return [f"XSD: {error.message}" for error in self._schema.error_log]
        found = []
        for name in _schematrons(document):
            node = self._saxon.parse_xml(xml_text=document.decode())
            report = etree.fromstring(
                self._stylesheet(name).transform_to_string(xdm_node=node).encode()
            )
            if not report.findall("{*}fired-rule"):
                found.append(f"{name}: no rule looked at it")
            found += [
                f"{one.get('id')}: {' '.join(one.findtext('{*}text').split())}"
                for one in report.findall("{*}failed-assert")
            ]
        return found

    def _stylesheet(self, name: str) -> Any:
        if name not in self._compiled:
            processor = self._saxon.new_xslt30_processor()
            path = str(self.folder / name)
            self._compiled[name] = processor.compile_stylesheet(stylesheet_file=path)
        return self._compiled[name]


def _schematrons(document: bytes) -> list[str]:
    """Return the rules that a document says it follows."""
    if b"CrossIndustryInvoice" in document[:500]:
        return [f"{_EN_16931}/cii/EN16931-CII-validation.xslt"]
    if b":poacc:" not in document:
        return [f"{_EN_16931}/ubl/EN16931-UBL-validation.xslt"]
    kind = "-SB" if b":poacc:selfbilling:" in document else ""
    return [f"{_PEPPOL}/CEN-EN16931-UBL.xslt", f"{_PEPPOL}/PEPPOL-EN16931-UBL{kind}.xslt"]


if __name__ == "__main__":
    fetch()
    sys.exit(missing() or missing(_VERAPDF) or 0)
