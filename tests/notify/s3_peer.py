"""An object store that others wrote, moto's, on loopback: it holds a bucket and checks every caller's signature."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

import boto3
from moto.server import ThreadedMotoServer

BUCKET = "letters-and-files"
BACKEND = "gaap_notify.object_storage.ObjectStorage"
REGION = "eu-west-2"


@dataclass(frozen=True)
class Store:
    """A running store, with a caller who may do everything in it."""

    url: str
    access_key: str
    secret_key: str

    @property
    def client(self) -> Any:
        """A client of its own, for looking into the bucket."""
        return self._client("s3")

    def options(self, **changes: Any) -> dict[str, Any]:
        """Return the options of a storage that speaks to it."""
        names = {"access_key": self.access_key, "secret_key": self.secret_key, "endpoint_url": self.url}
        return {"bucket_name": BUCKET, "region_name": REGION, **names, **changes}

    def keys(self) -> list[str]:
        """Return the names of what lies in the bucket."""
        return [found["Key"] for found in self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def empty(self) -> None:
        """Delete everything in the bucket."""
        for key in self.keys():
            self.client.delete_object(Bucket=BUCKET, Key=key)

    def content(self, key: str) -> bytes:
        """Return what lies there under a name."""
        data: bytes = self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return data

    def _client(self, name: str) -> Any:
        names = {"aws_access_key_id": self.access_key, "aws_secret_access_key": self.secret_key}
        return boto3.client(name, endpoint_url=self.url, region_name=REGION, **names)


@contextmanager
def object_store() -> Iterator[Store]:
    """Run the store for the block, with an empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    try:
        yield _furnished(Store(url, "first", "first"))
    finally:
        _post(url, "reset-auth", "inf")
        _post(url, "reset", "")
        server.stop()


def _furnished(first: Store) -> Store:
    """Make a bucket and a caller with a key; from then on nobody gets in without one."""
    people = first._client("iam")
    people.create_user(UserName="gaap")
    allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    people.put_user_policy(UserName="gaap", PolicyName="files", PolicyDocument=document)
    key = people.create_access_key(UserName="gaap")["AccessKey"]
    first.client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    _post(first.url, "reset-auth", "0")
    return Store(first.url, key["AccessKeyId"], key["SecretAccessKey"])


def _post(url: str, name: str, text: str) -> None:
    request = Request(f"{url}/moto-api/{name}", data=text.encode(), headers={"Content-Type": "text/plain"})
    with urlopen(request) as answer:
        answer.read()
