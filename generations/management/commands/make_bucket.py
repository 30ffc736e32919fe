from typing import Any

from botocore.exceptions import ClientError
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from storages.backends.s3 import S3Storage

#: Whatever somebody sets on a file or the bucket later: nobody reads it without a link of ours.
CLOSED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


class Command(BaseCommand):
    help = "Make the bucket S3_BUCKET unless it is there, closed to the public. Harmless to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        if not isinstance(default_storage, S3Storage):
            self.stdout.write("S3_BUCKET is not set: files are kept in a folder.")
            return
        made = "was made" if _make(default_storage) else "is there"
        self.stdout.write(f"The bucket {default_storage.bucket_name} {made}.")
        if refused := _close(default_storage):
            self.stderr.write(f"Public access is not blocked by the storage itself: {refused}")
            self.stderr.write("See that it shows nothing to who has no signed link.")


def _make(storage: S3Storage) -> bool:
    """
    Was it made just now?

    :raises CommandError: the storage refuses to show or to make it.
    """
    client, name = storage.connection.meta.client, storage.bucket_name
    try:
        client.head_bucket(Bucket=name)
        return False
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
            raise CommandError(f"The storage does not show the bucket {name}: {error}") from error
    try:
        client.create_bucket(Bucket=name, **_place(storage.region_name))
    except ClientError as error:
        raise CommandError(f"The storage does not make the bucket {name}: {error}") from error
    return True


def _close(storage: S3Storage) -> str:
    """Blocks public access. Why not, where a storage knows no such thing, or our key may not."""
    client, name = storage.connection.meta.client, storage.bucket_name
    try:
        client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=CLOSED)
    except ClientError as error:
        return str(error)
    return ""


def _place(region: str) -> dict[str, Any]:
    """Amazon wants every region named but its first."""
    if region == "us-east-1":
        return {}
    return {"CreateBucketConfiguration": {"LocationConstraint": region}}
