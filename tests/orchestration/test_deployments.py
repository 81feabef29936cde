"""What `deploy/` says of runs on other machines names what the code has."""

import re
from pathlib import Path

import dagster as dg
import yaml

from pipelines.config.home import VARIABLES
from pipelines.orchestration.instance import _SETTINGS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "deploy" / "kubernetes.yaml").read_text(encoding="utf-8")


def test_the_values_name_the_code_location_the_pools_and_the_environment() -> None:
    values = yaml.safe_load(TEXT)
    ((deployment),) = values["dagster-user-deployments"]["deployments"]
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text(encoding="utf-8"))
    assert deployment["dagsterApiGrpcArgs"] == [
        "--module-name",
        workspace["load_from"][0]["python_module"],
    ]
    pools = yaml.safe_load(_SETTINGS)["concurrency"]["pools"]
    said = values["concurrency"]["pools"]
    assert values["concurrency"]["enabled"]
    assert {"granularity": said["granularity"], "default_limit": said["defaultLimit"]} == pools
    named = {one["name"] for one in deployment["env"]} | set(
        re.findall(r"\b[A-Z]+_[A-Z_]+\b", TEXT)
    )
    assert named >= VARIABLES.keys()
    sources = (ROOT / "pipelines" / "warehouse" / "lake_files.py").read_text(encoding="utf-8")
    read = set(re.findall(r'environ.get\("(AWS_\w+)"', sources)) - {
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
    }
    assert named >= read
    assert "PGPASSWORD" in TEXT
    home = next(one["value"] for one in deployment["env"] if one["name"] == "ROAMHOUSE_HOME")
    mounts = {one["mountPath"] for one in deployment["volumeMounts"]}
    assert {home, f"{home}/settings.yaml", f"{home}/partners.yaml", f"{home}/serving"} <= mounts
    assert deployment["includeConfigInLaunchedRuns"]["enabled"]


def test_the_chart_keeps_dagster_to_one_step_of_a_pool(tmp_path: Path) -> None:
    pools = yaml.safe_load(TEXT)["concurrency"]["pools"]
    settings = {
        "concurrency": {
            "pools": {"granularity": pools["granularity"], "default_limit": pools["defaultLimit"]}
        }
    }
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert instance.get_concurrency_config().pool_config.default_pool_limit == 1


def test_an_instance_whose_runs_celery_launches_is_ours_otherwise(tmp_path: Path) -> None:
    text = (ROOT / "deploy" / "celery.yaml").read_text(encoding="utf-8")
    stated, ours = yaml.safe_load(text), yaml.safe_load(_SETTINGS)
    same = stated.keys() & ours.keys() - {"run_monitoring"}
    assert same == {"concurrency", "compute_logs", "telemetry", "nux", "run_retries"}
    assert {name: stated[name] for name in same} == {name: ours[name] for name in same}
    assert stated["run_monitoring"].items() <= ours["run_monitoring"].items()
    (code,) = yaml.safe_load((ROOT / "workspace.yaml").read_text(encoding="utf-8"))["load_from"]
    assert f"dagster-daemon run -m {code['python_module']}" in text

    launcher = stated["run_launcher"]
    assert [launcher["module"], launcher["class"]] == [
        "dagster_celery.launcher",
        "CeleryRunLauncher",
    ]
    del stated["storage"]  # a server's
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(stated), encoding="utf-8")
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert instance.get_concurrency_config().pool_config.default_pool_limit == 1
