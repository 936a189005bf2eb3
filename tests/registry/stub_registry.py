"""A schema registry for tests, with faults on demand.

It holds the schemas it is given and those that are registered, and answers as Confluent's REST interface does:
GET /schemas/ids/N and POST /subjects/S/versions. Faults are asked for by the first part of the path: /down/2/... answers 503
twice, then as usual; /slow/... never; /garbage/... no JSON; /long/... more than a client takes; /wrong/... JSON of another form.
With `user` ("name:password") or `token` only requests that carry it are answered.
"""
import base64
import http.server
import json
import threading
import time
import urllib.parse


class Registry:
    def __init__(self, schemas=None, user=None, token=None):
        self.schemas = dict(schemas or {})  # id -> {"schema": text, "schemaType": ...}
        self.subjects = {}                  # subject -> [(id, body), ...]
        self.requests = []                  # (method, path)
        self.user, self.token = user, token
        self.fails = {}
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                registry.answer(self, None)

            def do_POST(self):
                registry.answer(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def log_message(self, *args):
                pass

            def handle(self):
                try:
                    super().handle()
                except ConnectionError:  # a client that has had enough
                    pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def allowed(self, headers):
        got = headers.get("Authorization")
        if self.user:
            return got == "Basic " + base64.b64encode(self.user.encode()).decode()
        return not self.token or got == "Bearer " + self.token

    def answer(self, handler, body):
        self.requests.append((handler.command, handler.path))
        code, text = self.reply(handler, body)
        data = text if isinstance(text, bytes) else text.encode()
        handler.send_response(code)
        handler.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def reply(self, handler, body):
        parts = [urllib.parse.unquote(p) for p in handler.path.split("?")[0].strip("/").split("/")]
        if not self.allowed(handler.headers):
            return 401, json.dumps({"error_code": 401, "message": "who are you?"})
        if parts[0] == "down":
            key = handler.path
            self.fails[key] = self.fails.get(key, 0) + 1
            if self.fails[key] <= int(parts[1]):
                return 503, json.dumps({"error_code": 503, "message": "come back later"})
            parts = parts[2:]
        elif parts[0] == "slow":
            time.sleep(3)
            parts = parts[1:]
        elif parts[0] == "garbage":
            return 200, b"\x00\xff<html>"
        elif parts[0] == "long":
            return 200, b" " * (9 << 20)
        elif parts[0] == "wrong":
            return 200, json.dumps({"scheme": 1})
        if parts[:2] == ["schemas", "ids"]:
            found = self.schemas.get(parts[2])
            if not found:
                return 404, json.dumps({"error_code": 40403, "message": f"Schema {parts[2]} not found"})
            return 200, json.dumps(found)
        if parts[0] == "subjects" and parts[2:] == ["versions"] and body is not None:
            return self.register(parts[1], json.loads(body))
        return 404, json.dumps({"error_code": 404, "message": "HTTP 404 Not Found"})

    def register(self, subject, body):
        if subject == "refused":
            return 409, json.dumps({"error_code": 409, "message": "Schema being registered is incompatible"})
        known = self.subjects.setdefault(subject, [])
        for number, old in known:
            if old == body:
                return 200, json.dumps({"id": number})
        number = 100 + sum(len(v) for v in self.subjects.values())
        known.append((number, body))
        self.schemas[str(number)] = body
        return 200, json.dumps({"id": number})
