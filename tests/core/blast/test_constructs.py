"""The law for programs that declare infrastructure: what makes a resource is told from what makes a value."""

from __future__ import annotations

import time

import pytest

from bot.core.blast.assess import assess
from bot.core.finding import Confidence, Tier
from bot.data.infra import load_infra
from tests.core.blast.files import changed
from tests.core.blast.judged import effects, rules, unread

TS = "import * as cdk from 'aws-cdk-lib';\n"
GO = 'package main\nimport "github.com/aws/aws-cdk-go/awscdk/v2"\n'
GO_PULUMI = 'package main\nimport "github.com/pulumi/pulumi/sdk/v3/go/pulumi"\n'
JAVA = "import software.amazon.awscdk.Stack;\n"
SHARP = "using Amazon.CDK;\n"
PY = "from aws_cdk import Stack, aws_s3 as s3\n"
PULUMI = "import * as aws from '@pulumi/aws';\n"
PY_PULUMI = "from pathlib import Path\nimport pulumi\nimport pulumi_aws as aws\nfrom shop import Web\n"


@pytest.mark.parametrize(
    ("path", "text", "address"),
    [
        ("a.ts", f"{TS}new s3.Bucket(this, 'Data');\n", "Bucket Data"),
        ("a.ts", f"{TS}new Table<Row>(scope, `data-${{stage}}`, {{}});\n", "Table data-${stage}"),
        ("a.ts", f"{PULUMI}new aws.s3.Bucket('data', {{}});\n", "Bucket data"),
        ("a.go", f'{GO}x := awss3.NewBucket(stack, jsii.String("Data"), nil)\n', "NewBucket Data"),
        ("a.go", f'{GO_PULUMI}b, err := s3.NewBucket(ctx, "data", nil)\n', "NewBucket data"),
        ("a.java", f'{JAVA}Bucket.Builder.create(this, "Data").build();\n', "Bucket Data"),
        ("a.cs", f'{SHARP}new Bucket(this, "Data", new BucketProps {{}});\n', "Bucket Data"),
        ("a.py", f'{PY}s3.Bucket(self, "Data", versioned=True)\n', "Bucket Data"),
        ("a.py", f'{PY}s3.Bucket(scope=self, id="Data")\n', "Bucket Data"),
        ("a.py", f'{PY_PULUMI}aws.s3.Bucket(f"data-{{stage}}")\n', "Bucket data-{stage}"),
        ("a.py", f'{PY_PULUMI}Web("shop", opts=pulumi.ResourceOptions())\n', "Web shop"),
    ],
)
def test_what_makes_a_resource_is_found_when_it_goes(path: str, text: str, address: str) -> None:
    head = text.rpartition(text.splitlines()[-1])[0]
    assert effects((path, text, head)) == {("construct-removed", address)}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.ts", f"{TS}const x = Code.fromAsset('lambda'); new ec2.InstanceType('t3.micro');\n"),
        ("a.ts", f"{TS}throw new Error('no stage'); new CfnOutput(this, 'Url');\n"),
        ("a.ts", f"{TS}// new s3.Bucket(this, 'Data')\n/*\n new s3.Bucket(this, 'Data')\n*/\n"),
        ("a.ts", f"{PULUMI}new pulumi.Config('vault'); new pulumi.StackReference('base');\n"),
        ("a.go", f'{GO}x := os.Getenv("STAGE"); y := jsii.String("x")\n'),
        ("a.go", f'{GO}awslambda.Code_FromAsset(jsii.String("d"), nil)\n'),
        ("a.go", f'{GO_PULUMI}return errors.New("no stage")\n'),
        ("a.cs", f'{SHARP}Code.FromAsset("resources");\n'),
        ("a.py", f'{PY}ec2.InstanceType("t3.micro"); Path("a"); ValueError("x")\n# s3.Bucket(self, "Data")\n'),
        ("a.py", f'{PY_PULUMI}Path("a"); pulumi.Config("vault"); ValueError("x", 1)\n'),
        ("lib/stack.test.ts", f"{TS}new s3.Bucket(this, 'Data');\n"),
        ("test/stack.ts", f"{TS}new s3.Bucket(this, 'Data');\n"),
    ],
)
def test_what_makes_a_value_or_stands_in_a_test_is_none(path: str, text: str) -> None:
    assert rules((path, text, text.rpartition(text.splitlines()[-1])[0])) == set()


def test_another_import_of_the_same_type_is_no_effect() -> None:
    text = f"{TS}new s3.Bucket(this, 'Data');\n"
    assert rules(("a.ts", text, text.replace("new s3.", "new "))) == set()


BICEP = """param stage string
resource db 'Microsoft.Sql/servers@2022-05-01' = {
  name: 'db-${stage}'
  properties: {publicNetworkAccess: 'Disabled'}
}
resource net 'Microsoft.Network/virtualNetworks@2022-05-01' existing = {
  name: 'net'
}
module web 'br/public:avm/res/web/site:0.12.0' = {
  name: 'web'
}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2022-05-01", "2023-05-01"),
        ("0.12.0", "0.13.0"),
        ("resource db ", "resource database "),
        ("resource net 'Microsoft.Network/virtualNetworks@2022-05-01' existing = {\n  name: 'net'\n}\n", ""),
    ],
)
def test_a_version_a_symbol_and_a_reference_are_no_identity_in_bicep(old: str, new: str) -> None:
    assert old in BICEP
    assert assess((changed("main.bicep", BICEP, BICEP.replace(old, new)),), (), load_infra()).effects == ()


def test_what_leaves_a_bicep_file_is_said_with_what_it_takes_to_delete_it() -> None:
    head = BICEP.replace("module web 'br/public:avm/res/web/site:0.12.0' = {\n  name: 'web'\n}\n", "")
    (effect,) = assess((changed("main.bicep", BICEP, head),), (), load_infra()).effects
    assert (effect.kind, effect.line, effect.confidence) == ("bicep", 9, Confidence.LOW)
    assert effect.reason.endswith("which deletes it in complete mode and in a deployment stack")


def test_an_arm_template_is_read() -> None:
    row = '{"type": "Microsoft.Sql/servers", "name": "db", "properties": {"publicNetworkAccess": "Disabled"}}'
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    base = f'{{"$schema": "{schema}", "resources": [{row}]}}'
    (effect,) = assess((changed("a.json", base, base.replace(row, "")),), (), load_infra()).effects
    assert (effect.rule, effect.address) == ("construct-removed", "Microsoft.Sql/servers db")
    assert rules(("a.json", base, base.replace("Disabled", "Enabled"))) == {"construct-guard-weakened"}


@pytest.mark.parametrize(
    ("path", "base", "old", "new"),
    [
        ("a.ts", f"{TS}x({{removalPolicy: cdk.RemovalPolicy.RETAIN}});\n", "RETAIN", "DESTROY"),
        ("a.go", f"{GO}x := P{{RemovalPolicy: awscdk.RemovalPolicy_RETAIN}}\n", "RETAIN", "DESTROY"),
        ("a.go", f"{GO_PULUMI}x := P{{DeletionProtection: pulumi.Bool(true)}}\n", "true", "false"),
        ("a.py", f"{PY}x(deletion_protection=True)\n", "True", "False"),
        ("main.bicep", BICEP, "Disabled", "Enabled"),
    ],
)
def test_a_protection_that_turns_is_found(path: str, base: str, old: str, new: str) -> None:
    assert rules((path, base, base.replace(old, new))) == {"construct-guard-weakened"}
    assert rules((path, base.replace(old, new), base)) == set()
    assert rules((path, base.replace(old, new), base.replace(old, new) * 2)) == set()


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [
        ("a.ts", f"{TS}f({{a: /[(]/, b: `${{x ? `(` : ''}}`}}); // )\n", f"{TS}f({{;\n"),
        ("a.go", f"{GO}x := `\\(`; y := '('; z := f(\"(\")\n", f"{GO}x := f(\n"),
        ("a.java", f'{JAVA}f("(", """\n (" """);\n', f"{JAVA}f(];\n"),
        ("a.cs", f'{SHARP}f(@"\\", "(");\n', f"{SHARP}f(\n"),
        ("a.py", PY, f"{PY}f((\n"),
        ("main.bicep", f"{BICEP}var x = '''\n( ' '''\nvar y = '${{replace(x, '(', '')}}'\n", f"{BICEP}var x = [\n"),
    ],
)
def test_what_does_not_parse_is_said_and_high(path: str, good: str, bad: str) -> None:
    assert unread((path, None, good)) == ()
    blast = assess((changed(path, good, bad),), (), load_infra())
    assert (len(blast.incomplete), blast.tier >= Tier.HIGH) == (1, True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "part",
    ['"', "`", "'", "/*", "${", "=/[", "new A(b,", "(", "`${", "=/", "New", "a:", '"""', "\\", "resource a 'b' ="],
)
@pytest.mark.parametrize("name", ["a.ts", "a.go", "a.cs", "main.bicep"])
def test_hostile_programs_are_read_in_time(name: str, part: str) -> None:
    head = {"a.ts": TS, "a.go": GO, "a.cs": SHARP, "main.bicep": ""}[name]
    start = time.process_time()
    rules((name, None, head + part * (990_000 // len(part))))
    assert time.process_time() - start < 8


def test_python_that_is_too_long_is_said() -> None:
    text = PY + "x = [" + "1," * 150_000 + "]\n"
    assert len(unread(("a.py", None, text))) == 1
    assert len(unread(("app/migrations/0001_x.py", None, f"from django.db import migrations\n{text}"))) == 2
