"""The credentials of a lake's object store, by the names that its own tools read."""

from pipelines.warehouse.lake_files import _access


def test_a_store_is_given_what_the_environment_has() -> None:
    environ = {
        "AWS_ACCESS_KEY_ID": "who",
        "AWS_SECRET_ACCESS_KEY": "proof",
        "AWS_SESSION_TOKEN": "for now",
        "AWS_REGION": "eu-central-1",
    }
    access = _access({}, environ)
    names = ("key_id", "secret", "session_token", "region")
    assert [access[name] for name in names] == ["who", "proof", "for now", "eu-central-1"]
