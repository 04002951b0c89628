"""The phone app's files: open, kept as long as their names allow, under a policy that lets nothing else in."""

import gzip

import pytest

from api.app import create_app
from core.problems import NotFound

SCRIPT = b"console.log('ruhu');" * 50


@pytest.fixture
def built(services, tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>入户</title>", encoding="utf-8")
    (tmp_path / "sw.js").write_bytes(SCRIPT)
    (tmp_path / "manifest.webmanifest").write_text("{}", encoding="utf-8")
    (tmp_path / "assets" / "index-0a1b2c3d.js").write_bytes(SCRIPT)
    (tmp_path / "assets" / "index-0a1b2c3d.js.gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path.parent / "secret.js").write_text("no")
    app = create_app(services)
    app.config["WEB_FOLDER"] = tmp_path
    return app.test_client()


@pytest.mark.parametrize("path", ["/", "/app"])
def test_who_comes_to_the_server_is_sent_to_the_app(built, path):
    answer = built.get(path, headers={"Host": "evil.example"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/app/")


@pytest.mark.parametrize(
    ("path", "kind", "kept"),
    [
        ("/app/", "text/html", "no-cache"),
        ("/app/index.html", "text/html", "no-cache"),
        ("/app/sw.js", "text/javascript", "no-cache"),
        ("/app/manifest.webmanifest", "application/manifest+json", "no-cache"),
        ("/app/assets/index-0a1b2c3d.js", "text/javascript", "public, max-age=31536000, immutable"),
    ],
)
def test_a_file_is_kept_for_good_when_its_name_says_its_content(built, path, kind, kept):
    answer = built.get(path)
    assert answer.status_code == 200
    assert answer.mimetype == kind
    assert answer.headers["Cache-Control"] == kept
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "require-trusted-types-for 'script'" in policy


def test_the_app_may_use_the_camera_and_say_where_it_is_and_the_rest_of_the_server_may_not(built):
    assert "geolocation=(self)" in built.get("/app/").headers["Permissions-Policy"]
    assert "geolocation=()" in built.get("/api/v1/health").headers["Permissions-Policy"]


def test_the_packed_copy_goes_to_whom_takes_it(built):
    path = "/app/assets/index-0a1b2c3d.js"
    plain, packed = built.get(path), built.get(path, headers={"Accept-Encoding": "gzip"})
    assert plain.data == SCRIPT
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == SCRIPT
    assert packed.mimetype == "text/javascript"
    assert plain.headers["ETag"] != packed.headers["ETag"]
    assert all("Accept-Encoding" in answer.headers["Vary"] for answer in (plain, packed))


def test_what_is_unchanged_is_not_sent_again(built):
    tag = built.get("/app/sw.js").headers["ETag"]
    assert built.get("/app/sw.js", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/app/nothing.js",
        "/app/assets/index-0a1b2c3d.js.gz",
        "/app/..%2fsecret.js",
        "/app/../secret.js",
        "/app/assets",
    ],
)
def test_nothing_but_the_files_of_the_build_is_served(built, assert_problem, path):
    assert_problem(built.get(path), NotFound)


def test_an_installation_without_the_build_says_how_to_make_it(services, tmp_path):
    app = create_app(services)
    app.config["WEB_FOLDER"] = tmp_path
    answer = app.test_client().get("/app/")
    assert answer.status_code == 503
    assert "make run" in answer.get_data(as_text=True)
