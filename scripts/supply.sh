#!/bin/sh
# Writes what the kiosk is made of: docs/sbom.cdx.json, a bill of materials in the CycloneDX form, and the
# table of licences in docs/licences.md. Needs a network, or pip's cache; the tools never run on a kiosk.
set -eu
cd "$(dirname "$0")/.."

aside=$(mktemp -d)
trap 'rm -rf "$aside"' EXIT
python3 -m venv "$aside/tools"
python3 -m venv --without-pip "$aside/kiosk"
"$aside/tools/bin/pip" install --quiet --no-deps --require-hashes -r requirements/supply.txt
"$aside/tools/bin/pip" --python "$aside/kiosk" install --quiet --no-deps --require-hashes -r requirements/runtime.txt

"$aside/tools/bin/cyclonedx-py" environment --pyproject pyproject.toml --output-reproducible --of JSON \
    -o "$aside/sbom.json" "$aside/kiosk/bin/python"
# Where packages may be fetched is each computer's own matter: addresses are left out.
"$aside/tools/bin/python" - "$aside/sbom.json" >docs/sbom.cdx.json <<'END'
import json, sys
def kept(part):
    if isinstance(part, dict):
        return {name: kept(value) for name, value in part.items() if name not in ("externalReferences", "description")}
    return [kept(each) for each in part] if isinstance(part, list) else part
print(json.dumps(kept(json.load(open(sys.argv[1], encoding="utf-8"))), indent=1))
END

sed '/^| Name/,$d' docs/licences.md >"$aside/licences.md"
"$aside/tools/bin/pip-licenses" --python "$aside/kiosk/bin/python" --from=mixed --format=markdown >>"$aside/licences.md"
cp "$aside/licences.md" docs/licences.md
