"""Writes bot/data/tables/*.json: which attributes cannot change in place, from published packages and a table by hand.

Run by `make tables`, in an environment of its own (requirements-tables.txt).
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import metadata, util
from pathlib import Path

HERE = Path(__file__).parent
TABLES = HERE.parent / "bot" / "data" / "tables"
BY_HAND = HERE / "terraform.toml"

Replacements = dict[str, set[str]]

# One argument of a resource in a generated constructor's docstring: `:param pulumi.Input[…] name: text`.
PARAMETER = re.compile(r"^\s*:param [^\n]*?(\w+): (.*?)(?=^\s*:param |\Z)", re.MULTILINE | re.DOTALL)
FORCES = re.compile(r"[Cc]hanging this (?:field |property |value )?(?:will )?forces? (?:a |the )?(?:new|re)")
CONDITIONAL = re.compile(r"forces a new [\w\s]+ to be created (?:when|if|unless)")
# Package folders that no type name begins with.
BARE = frozenset({"compute", "core", "network"})
# Package folders whose words the generated code runs together.
WORDS = {
    "apimanagement": "api_management",
    "appconfiguration": "app_configuration",
    "appinsights": "application_insights",
    "appservice": "app_service",
    "containerapp": "container_app",
    "containerservice": "container",
    "datafactory": "data_factory",
    "eventgrid": "eventgrid",
    "keyvault": "key_vault",
    "loganalytics": "log_analytics",
    "machinelearning": "machine_learning",
    "recoveryservices": "recovery_services",
    "streamanalytics": "stream_analytics",
    "trafficmanager": "traffic_manager",
}
# What CloudFormation's services are called in the aws provider's type names, where it is not their own name.
SERVICES = {
    "AmazonMQ": "mq",
    "ApiGateway": "api_gateway",
    "ApplicationAutoScaling": "appautoscaling",
    "CertificateManager": "acm",
    "DirectoryService": "directory_service",
    "EC2": "",
    "ElasticLoadBalancing": "",
    "ElasticLoadBalancingV2": "lb",
    "Events": "cloudwatch_event",
    "KinesisFirehose": "kinesis_firehose",
    "Logs": "cloudwatch_log",
    "OpenSearchService": "opensearch",
    "RDS": "",
    "ServiceDiscovery": "service_discovery",
    "StepFunctions": "sfn",
}
# What CloudFormation cannot change in place and the provider can, by itself.
CHANGED_APART = frozenset({"tags"})
# What names an object, or where it is, with every type of a provider that is not known by itself.
NAMING = {
    "google_*": {"location", "name", "project", "region", "zone"},
    "kubernetes_*": {"metadata.name", "metadata.namespace"},
}
# Types of which a change is meant to make another one, which takes the place of the one before.
VERSIONED = ("_definition", "_deployment", "_endpoint_configuration", "_version")


def main() -> None:
    create_only, conditional = cloudformation(_package("cfnlint"))
    _write("cloudformation", create_only, f"cfn-lint {metadata.version('cfn-lint')}, createOnlyProperties")
    _write("cloudformation-conditional", conditional, f"cfn-lint {metadata.version('cfn-lint')}, conditionalCreateOnly")
    hand = by_hand(BY_HAND.read_text(encoding="utf-8"))
    terraform = azurerm(_package("pulumi_azure"))
    for type_, attributes in hand.items():
        terraform.setdefault(type_, set()).update(attributes)
    _write("terraform", terraform, f"pulumi-azure {metadata.version('pulumi-azure')}, and tables/terraform.toml")
    likely = likely_aws(create_only, arguments_of(_package("pulumi_aws")))
    for type_ in hand:
        likely.pop(type_, None)
    source = f"createOnlyProperties of cfn-lint {metadata.version('cfn-lint')}, named as by the aws provider, and names"
    _write("terraform-likely", likely | NAMING, source)


def _package(name: str) -> Path:
    spec = util.find_spec(name)
    if spec is None or spec.origin is None:
        message = f"{name}: expected to be installed, see requirements-tables.txt"
        raise SystemExit(message)
    return Path(spec.origin).parent


def cloudformation(package: Path) -> tuple[Replacements, Replacements]:
    """Resource type → dotted property paths, `*` for list items: always create-only, and sometimes."""
    always: Replacements = {}
    sometimes: Replacements = {}
    for file in sorted((package / "data" / "schemas" / "resources").glob("*.json")):
        schema = json.loads(file.read_text(encoding="utf-8"))
        for key, table in (("createOnlyProperties", always), ("conditionalCreateOnlyProperties", sometimes)):
            paths = {_dotted(pointer) for pointer in schema.get(key, ())}
            if paths:
                table.setdefault(schema["typeName"], set()).update(paths)
    return always, sometimes


def _dotted(pointer: str) -> str:
    """`/properties/A/items/properties/B` → `A.B`; a schema path and a property path are told by their steps."""
    return ".".join(step for step in pointer.split("/")[2:] if step not in ("properties", "items", "*"))


def azurerm(package: Path) -> Replacements:
    """Resource type → arguments that its documentation says force a new one. The other providers' says so of few."""
    table: Replacements = {}
    for file in sorted(package.glob("*/[a-z]*.py")):
        for name, documentation in _constructors(file):
            forced = {argument for argument, text in PARAMETER.findall(documentation) if _forces(text)}
            for type_ in _types_of(file.parent.name, name) if forced else ():
                table.setdefault(type_, set()).update(forced)
    return table


def arguments_of(package: Path) -> Replacements:
    """Resource type of the aws provider, its words run together → the names of its arguments."""
    table: Replacements = {}
    for file in sorted(package.glob("*/[a-z]*.py")):
        for name, documentation in _constructors(file):
            names = {argument for argument, _ in PARAMETER.findall(documentation)}
            for area in ("", file.parent.name):
                table.setdefault(f"aws{area}{name.lower()}", set()).update(names)
    return table


def likely_aws(create_only: Replacements, known: Replacements) -> Replacements:
    """What CloudFormation can only set at creation, as the aws provider calls it: both ask the same interfaces.

    Names that are no argument of the provider's type are left out.
    """
    table: Replacements = {}
    for name, properties in create_only.items():
        company, service, resource = [*name.split("::"), "", ""][:3]
        area = SERVICES.get(service, service.lower())
        words = () if resource.startswith(service) else (area,)
        candidates = ["_".join(("aws", *filter(None, one), _snake(resource))) for one in ((area,), words)]
        type_ = next((one for one in candidates if one.replace("_", "") in known), "")
        if company != "AWS" or not type_ or type_.endswith(VERSIONED):
            continue
        paths = {".".join(_snake(step) for step in path.split(".")) for path in properties}
        paths |= {"name"} if properties & {"Name", f"{resource}Name"} else set()
        found = {path for path in paths if path.partition(".")[0] in known[type_.replace("_", "")] - CHANGED_APART}
        if found:
            table.setdefault(type_, set()).update(found)
    return table


def _snake(name: str) -> str:
    """`DBInstanceClass` → `db_instance_class`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _constructors(file: Path) -> Iterator[tuple[str, str]]:
    """Name of each resource of a generated module, and the documentation of its constructor's arguments."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.name.endswith("Args") and not node.name.startswith("_"):
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                    yield node.name.removesuffix("Args"), ast.get_docstring(method, clean=False) or ""


def _forces(text: str) -> bool:
    return bool(FORCES.search(text)) and not CONDITIONAL.search(text)


def _types_of(folder: str, name: str) -> tuple[str, ...]:
    """The provider's type names a class may stand for; a name that no provider has is never asked for."""
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    area = WORDS.get(folder, folder)
    if folder in BARE:
        return (f"azurerm_{snake}", f"azurerm_{area}_{snake}")
    if "_" not in snake:
        return (f"azurerm_{area}_{snake}",)
    if area.replace("_", "") in snake.replace("_", ""):
        return (f"azurerm_{snake}",)
    return (f"azurerm_{snake}", f"azurerm_{area}_{snake}")


def by_hand(text: str) -> Mapping[str, set[str]]:
    return {row["type"]: set(row["attributes"]) for row in tomllib.loads(text)["type"]}


def _write(name: str, table: Replacements, source: str) -> None:
    """One line a type, so that a refresh shows in a diff what changed."""
    rows = (f"  {json.dumps(type_)}: {json.dumps(sorted(table[type_]))}" for type_ in sorted(table))
    text = f'{{"source": {json.dumps(source)}, "types": {{\n' + ",\n".join(rows) + "\n}}\n"
    (TABLES / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
