"""The options of the peers' command lines, by what they are called here."""

from __future__ import annotations

from mqttx_tui.profiles.import_words import Spec


def _spec(values: dict[str, str], flags: dict[str, str], ignored: str, ignored_flags: str) -> Spec:
    found: dict[str, tuple[str, int]] = {}
    for names, name in values.items():
        found |= dict.fromkeys(names.split(), (name, 1))
    for names, name in flags.items():
        found |= dict.fromkeys(names.split(), (name, 0))
    found |= dict.fromkeys(ignored.split(), ("", 1))
    found |= dict.fromkeys(ignored_flags.split(), ("", 0))
    return found


_WILL = {
    "--will-topic": "will.topic",
    "--will-payload": "will.payload",
    "--will-qos": "will.qos",
}

MOSQUITTO: Spec = {
    **_spec(
        {
            "-h --host": "host",
            "-p --port": "port",
            "-L --url": "url",
            "--unix": "unix",
            "-u --username": "username",
            "-P --pw": "password",
            "-i --id": "client_id",
            "-I --id-prefix": "client_prefix",
            "-k --keepalive": "keepalive",
            "-V --protocol-version": "version",
            "-x --session-expiry-interval": "session_expiry",
            "-t --topic": "topic",
            "-T --filter-out": "exclude",
            "-q --qos": "qos",
            "-m --message": "message",
            "-f --file": "file",
            "--cafile": "ca",
            "--cert": "cert",
            "--key": "key",
            "--tls-alpn": "alpn",
            "--proxy": "proxy",
            **_WILL,
        },
        {
            "-c --disable-clean-session": "keep_session",
            "--insecure": "insecure",
            "--tls-use-os-certs": "tls",
            "--will-retain": "will.retain",
            "-r --retain": "retain",
            "-n --null-message": "empty",
        },
        "-A --bind --capath --ciphers -C -F -M --max-inflight --psk --psk-identity --random-filter "
        "--repeat --repeat-delay --retain-handling --tls-version --tls-engine --tls-keyform "
        "--tls-engine-kpass-sha1 -U --unsubscribe -W -o -e",
        "-d --debug -E -N -S --srv -R --remove-retained --retained-only --retain-as-published -v --verbose "
        "--pretty --quiet --nodelay -l --stdin-line -s --stdin-file --no-tls",
    ),
    "-D": ("property", 3),
    "--property": ("property", 3),
}
"""mosquitto_sub, mosquitto_pub, mosquitto_rr (their man pages, 2.0 and 2.1)."""
MOSQUITTO_QUIET = frozenset(
    ["-d", "--debug", "-v", "--verbose", "--quiet", "-N", "--pretty", "-F", "-l", "-s"]
)
"""Options that say how to print or read: nobody misses them here."""

MQTTX: Spec = _spec(
    {
        "-h --hostname": "host",
        "-p --port": "port",
        "-l --protocol": "scheme",
        "--path": "path",
        "-wh --ws-headers": "header",
        "-u --username": "username",
        "-P --password": "password",
        "-i --client-id": "client_id",
        "-k --keepalive": "keepalive",
        "-V --mqtt-version": "version",
        "-se --session-expiry-interval": "session_expiry",
        "--rcv-max --receive-maximum": "receive_maximum",
        "-t --topic": "topic",
        "-q --qos": "qos",
        "-m --message": "message",
        "--ca": "ca",
        "--cert": "cert",
        "--key": "key",
        "--alpn": "alpn",
        "-Wt --will-topic": "will.topic",
        "-Wm --will-message": "will.payload",
        "-Wq --will-qos": "will.qos",
        "-Wd --will-delay-interval": "will.delay",
        "-up --user-properties --conn-user-properties -Cup": "user",
    },
    {
        "--no-clean": "keep_session",
        "--insecure": "insecure",
        "-r --retain": "retain",
        "-Wr --will-retain": "will.retain",
    },
    "-rp --reconnect-period --maximum-reconnect-times -f --format -rh --retain-handling -si "
    "--subscription-identifier -pf --payload-format-indicator -e --message-expiry-interval -ta --topic-alias "
    "-rt --response-topic -cd --correlation-data -ct --content-type -so --save-options -lo --load-options "
    "--file-read --file-write --file-save --delimiter -Pp -Pmp --protobuf-path --protobuf-message-name "
    "--maximum-packet-size --topic-alias-maximum -Wct -Wrt -Wcd -Wmei -Wup --will-message-expiry-interval "
    "--will-content-type --will-response-topic --will-correlation-data --will-user-properties "
    "--auth-method --auth-data -lm -im -c --count -b --verbose-level",
    "-nl --no_local -rap --retain-as-published -v --verbose --debug -s --stdin -M --multiline "
    "--req-response-info --no-req-problem-info --output-mode -d --dup",
)
"""mqttx sub, pub and conn (MQTTX CLI 1.11)."""

OURS: Spec = {
    **_spec(
        {
            "-i --id": "client_id",
            "-k --keepalive": "keepalive",
            "-V --mqtt-version": "version",
            "-u --username": "username",
            "-P --pw": "password",
            "--password-env": "password_env",
            "--password-file": "password_file",
            "--cafile": "ca",
            "--cert": "cert",
            "--key": "key",
            "-t --topic": "topic",
            "-q --qos": "qos",
            "-m --message": "message",
            "-f --file": "file",
            "--hex": "hex",
            "-x --session-expiry-interval": "session_expiry",
            "--will-delay": "will.delay",
            "-H --header": "header",
            "--subprotocol": "subprotocol",
            "--origin": "origin",
            "--proxy": "proxy",
            **_WILL,
        },
        {
            "-c --disable-clean-session": "keep_session",
            "--insecure": "insecure",
            "--will-retain": "will.retain",
            "--will-on-leave": "will.on_leave",
            "-r --retain": "retain",
            "-n --empty --null-message": "empty",
        },
        "--config -C --count -W --timeout -F --capture --fragments --saved --theme --where -o --format "
        "-U --unsubscribe",
        "-R -E -d --debug -v --verbose -N -s --stdin-file -l --stdin-line --json --compression",
    ),
    "-D": ("property", 3),
    "--property": ("property", 3),
    "--will-user-property": ("", 2),
}
"""mqttx-tui sub, pub and record."""

WEBSOCAT: Spec = _spec(
    {
        "-H --header": "header",
        "--protocol": "subprotocol",
        "--origin": "origin",
        "--basic-auth": "basic_auth",
    },
    {"-k --insecure": "insecure"},
    "--ping-interval --ping-timeout --server-header --server-protocol -B --buffer-size --close-status-code "
    "--close-reason --max-messages --max-messages-rev --restrict-uri --socks5 --tls-domain --ws-c-uri "
    "--pidfile --exec-args -e --set-environment --base64-text --conncap --jsonrpc-omit-jsonrpc",
    "-n --no-close -t --text -b --binary -1 --one-message -E --exit-on-eof -u --unidirectional "
    "-U --unidirectional-reverse -v -vv -vvv -q -s -0 --null-terminated --no-line -S --strict "
    "--jsonrpc --base64 --async-stdio --linemode-strip-newlines --no-async-stdio",
)
"""websocat 1."""

WSCAT: Spec = _spec(
    {
        "-c --connect": "url",
        "-H --header": "header",
        "-s --subprotocol": "subprotocol",
        "-o --origin": "origin",
        "--auth": "basic_auth",
        "--ca": "ca",
        "--cert": "cert",
        "--key": "key",
        "--passphrase": "key_password",
        "--proxy": "proxy",
    },
    {"-n --no-check": "insecure"},
    "--host -p --protocol -w --wait -x --execute -l --listen -L --location --max-redirects",
    "-P --show-ping-pong --no-color --slash",
)
"""wscat."""
