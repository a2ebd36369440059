"""Start a server of S3 on loopback that knows one user, and checks the signature of each request."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

BUCKET = "bucket"
# moto lets through as many requests as it takes to make the user, and the bucket.
_SERVER = f"""
import json, sys
import boto3
from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
_, port = server.get_host_and_port()
nobody = boto3.Session("a", "b", region_name="us-east-1")
def client(name):
    return nobody.client(name, endpoint_url=f"http://127.0.0.1:{{port}}")
iam = client("iam")
iam.create_user(UserName="loader")
key = iam.create_access_key(UserName="loader")["AccessKey"]
allowed = {{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
policy = json.dumps({{"Version": "2012-10-17", "Statement": [allowed]}})
iam.put_user_policy(UserName="loader", PolicyName="all", PolicyDocument=policy)
client("s3").create_bucket(Bucket="{BUCKET}")
print(port, key["AccessKeyId"], key["SecretAccessKey"], flush=True)
sys.stdin.read()
"""


class Store(NamedTuple):
    """Hold where a server is, and its user's keys."""

    port: int
    key_id: str
    secret: str


@contextmanager
def started() -> Iterator[Store]:
    """Start a server with an empty bucket, and stop it afterwards."""
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", _SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"INITIAL_NO_AUTH_ACTION_COUNT": "4"},
    )
    with server:
        assert server.stdout
        for line in server.stdout:
            if len(line.split()) == 3:
                port, key_id, secret = line.split()
                yield Store(int(port), key_id, secret)
                break
        assert server.stdin
        server.stdin.close()
