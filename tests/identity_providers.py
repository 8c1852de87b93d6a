"""统一身份认证 for the tests: a CAS server and an OpenID provider, each a small HTTP server in a thread."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

import django_cas_ng  # noqa: F401  (sets its defaults once, beside every override of a test)
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

NAMESPACE = "http://www.yale.edu/tp/cas"


class Server:
    """Answers what its ``answer(path, parameters, headers)`` gives: status, type and bytes."""

    def __init__(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                parts = urlsplit(self.path)
                said = parts.query or self.rfile.read(length).decode()
                parameters = {name: values[0] for name, values in parse_qs(said).items()}
                status, kind, body = outer.answer(parts.path, parameters, self.headers)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = _serve

            def log_message(self, *_) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()

    def answer(self, path: str, parameters: dict, headers) -> tuple[int, str, bytes]:
        raise NotImplementedError


class CasServer(Server):
    """Tickets are for one service and one use, as the protocol has it. ``says`` replaces the next answers."""

    def __init__(self):
        super().__init__()
        self.tickets: dict[str, tuple[str, str]] = {}
        self.says: bytes | None = None

    def ticket(self, username: str, service: str) -> str:
        ticket = f"ST-{secrets.token_hex(8)}"
        self.tickets[ticket] = (username, service)
        return ticket

    def answer(self, path: str, parameters: dict, headers) -> tuple[int, str, bytes]:
        if self.says is not None:
            return 200, "text/xml", self.says
        username, service = self.tickets.pop(parameters.get("ticket", ""), ("", ""))
        if path == "/cas/p3/serviceValidate" and username and service == parameters.get("service"):
            attributes = "<cas:attributes><cas:is_superuser>True</cas:is_superuser></cas:attributes>"
            told = f"<cas:authenticationSuccess><cas:user>{escape(username)}</cas:user>{attributes}</cas:authenticationSuccess>"
        else:
            told = '<cas:authenticationFailure code="INVALID_TICKET">no</cas:authenticationFailure>'
        return 200, "text/xml", f'<cas:serviceResponse xmlns:cas="{NAMESPACE}">{told}</cas:serviceResponse>'.encode()


class OpenIdProvider(Server):
    """Code flow with PKCE. ``changed`` are claims of the token that are not as they should be."""

    CLIENT, SECRET = "four-responsibilities", "a-secret-of-the-test"
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def __init__(self):
        super().__init__()
        self.codes: dict[str, dict] = {}
        self.tokens: dict[str, str] = {}
        self.changed: dict = {}
        self.told: dict = {}
        self.signing_key, self.algorithm = self.key, "RS256"

    def authorise(self, location: str, username: str) -> dict:
        """What a person does there: signs in, and is sent back with a code and the state he came with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        code = secrets.token_hex(8)
        self.codes[code] = asked | {"username": username}
        return {"code": code, "state": asked["state"]}

    def answer(self, path: str, parameters: dict, headers) -> tuple[int, str, bytes]:
        pages = {
            "/.well-known/openid-configuration": self._discovery,
            "/jwks": self._keys,
            "/token": lambda: self._token(parameters),
            "/userinfo": lambda: self._userinfo(headers),
        }
        said = pages.get(path, dict)()
        return (200 if said else 400), "application/json", json.dumps(said).encode()

    def _discovery(self) -> dict:
        names = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "userinfo_endpoint": "userinfo",
            "jwks_uri": "jwks",
            "end_session_endpoint": "logout",
        }
        return {"issuer": self.address} | {name: f"{self.address}/{path}" for name, path in names.items()}

    def _keys(self) -> dict:
        shown = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [shown | {"kid": "one", "alg": "RS256", "use": "sig"}]}

    def _token(self, parameters: dict) -> dict:
        asked = self.codes.pop(parameters.get("code", ""), None)
        if asked is None or (parameters["client_id"], parameters["client_secret"]) != (self.CLIENT, self.SECRET):
            return {}
        digest = hashlib.sha256(parameters["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return {}
        now = int(time.time())
        claims = {"iss": self.address, "aud": self.CLIENT, "sub": f"id-{asked['username']}", "nonce": asked["nonce"]}
        claims |= {"iat": now, "exp": now + 300} | self.changed
        claims = {name: value for name, value in claims.items() if value is not None}
        key = None if self.algorithm == "none" else self.signing_key
        access = secrets.token_hex(8)
        self.tokens[access] = asked["username"]
        token = jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": "one"})
        return {"access_token": access, "id_token": token, "token_type": "Bearer"}

    def _userinfo(self, headers) -> dict:
        username = self.tokens.get(headers.get("Authorization", "").removeprefix("Bearer "), "")
        told = {"sub": f"id-{username}", "preferred_username": username, "email": "office@jhjm.example"} | self.told
        return {name: value for name, value in told.items() if value is not None} if username else {}
