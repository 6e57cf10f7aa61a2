"""File stores, through fsspec: what is declared of each; one probe a module."""

from __future__ import annotations

from dataclasses import replace

from engine.fields import FieldSpec
from engine.probes.common_fields import (
    API_KEY,
    DATABASE,
    HOST,
    PASSWORD,
    TLS_CA,
    TLS_VERIFY,
    URL,
    USERNAME,
    called,
    port,
)
from engine.probes.technology import Technology

_ENDPOINT = replace(
    URL,
    label="Endpoint",
    required=False,
    placeholder="https://minio.example.com:9000",
    help="Where the store answers; empty for the cloud's own address.",
)

LOCAL = Technology(
    name="local",
    title="Local folder",
    type="file",
    probe="engine.probes.files.local:probe",
    fields=(called(DATABASE, "Folder", required=True, help="A path on the machine that checks."),),
    options=(
        FieldSpec(
            name="access",
            label="Access",
            kind="choice",
            choices=("read", "write"),
            default="read",
            help="Whether it must be writable as well; nothing is written to find out.",
        ),
    ),
    schemes=("file", "local"),
    extra="files",
    needs=("fsspec",),
)

S3 = Technology(
    name="s3",
    title="S3",
    type="file",
    probe="engine.probes.files.s3:probe",
    fields=(
        called(DATABASE, "Bucket", required=True, help="The bucket, or bucket/folder."),
        _ENDPOINT,
        called(USERNAME, "Access key", help="Its id; empty for a public bucket."),
        called(PASSWORD, "Secret key"),
        called(API_KEY, "Session token", help="Of a temporary key only."),
        TLS_VERIFY,
        TLS_CA,
    ),
    options=(
        FieldSpec(
            name="region",
            label="Region",
            default="us-east-1",
            maximum=64,
            pattern=r"[A-Za-z0-9-]+",
            placeholder="eu-central-1",
        ),
        FieldSpec(
            name="addressing",
            label="Addressing",
            kind="choice",
            choices=("path", "virtual"),
            help="Bucket in the path or in the host; empty: path at an endpoint of one's own.",
        ),
    ),
    schemes=("s3", "s3a"),
    extra="s3",
    needs=("s3fs",),
    tested="emulator",
)

GCS = Technology(
    name="gcs",
    title="Google Cloud Storage",
    type="file",
    probe="engine.probes.files.gcs:probe",
    fields=(
        called(DATABASE, "Bucket", required=True, help="The bucket, or bucket/folder."),
        _ENDPOINT,
        called(
            API_KEY,
            "Key or token",
            help="A service account's key (JSON) or an access token; empty for a public bucket.",
        ),
        TLS_VERIFY,
        TLS_CA,
    ),
    schemes=("gs", "gcs"),
    extra="gcs",
    needs=("gcsfs",),
    tested="emulator",
)

AZURE_BLOB = Technology(
    name="azure_blob",
    title="Azure Blob Storage",
    type="file",
    probe="engine.probes.files.azure_blob:probe",
    fields=(
        called(DATABASE, "Container", required=True, help="The container, or container/folder."),
        called(USERNAME, "Account", help="The storage account's name."),
        called(PASSWORD, "Account key"),
        called(API_KEY, "SAS token", help="A shared access signature, instead of the key."),
        _ENDPOINT,
        TLS_VERIFY,
        TLS_CA,
    ),
    schemes=("az", "abfs", "abfss", "wasb", "wasbs"),
    extra="azure",
    needs=("adlfs",),
    tested="emulator",
)

SFTP = Technology(
    name="sftp",
    title="SFTP",
    type="file",
    probe="engine.probes.files.sftp:probe",
    fields=(
        HOST,
        port(22),
        called(DATABASE, "Folder", help="Where to look; empty for the login's own folder."),
        called(USERNAME, "User", required=True),
        PASSWORD,
        called(API_KEY, "Private key", help="In PEM or OpenSSH form; the password unlocks it."),
    ),
    options=(
        FieldSpec(
            name="host_key",
            label="Host key",
            maximum=1024,
            placeholder="SHA256:…",
            help="The server's fingerprint, as ssh-keygen -lf shows it; empty trusts any.",
        ),
    ),
    schemes=("sftp", "ssh"),
    default_port=22,
    extra="sftp",
    needs=("paramiko", "fsspec"),
)

TECHNOLOGIES = (LOCAL, S3, GCS, AZURE_BLOB, SFTP)
