"""A web server on this machine that serves the voice's files, well or badly."""
import http.server
import re
import threading
import time


class Server:
    """Serves a folder until the end of the block. `answer` is called as `answer(handler, data, start)` and sends the body from
    byte `start` on; without it files are served as they should be."""

    def __init__(self, folder, answer=None):
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.requests.append(self.path)
                self.close_connection = True
                path = folder / self.path.rsplit("/", 1)[-1] if folder else None
                data = path.read_bytes() if path and path.is_file() else b""
                start = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
                try:
                    (answer or whole)(self, data, int(start[1]) if start else 0)
                except (BrokenPipeError, ConnectionResetError):
                    # The client has heard enough.
                    pass

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    @property
    def env(self):
        """Has the program fetch voices from here only."""
        return {"AUDIO_REPORT_VOICE_URL": self.url, "AUDIO_REPORT_SOURCES": "url"}

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def head(handler, data, start, length=None):
    """The head of an answer that honours a range."""
    handler.send_response(206 if start else 200)
    if start:
        handler.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
    length = len(data) - start if length is None else length
    handler.send_header("Content-Length", str(length))
    handler.end_headers()


def whole(handler, data, start):
    if not data:
        handler.send_error(404)
        return
    head(handler, data, start)
    handler.wfile.write(data[start:])


def cut_after(most):
    """Breaks off after so many bytes of each answer."""

    def answer(handler, data, start):
        head(handler, data, start)
        handler.wfile.write(data[start:start + most])
        handler.wfile.flush()

    return answer


def slowly(pause):
    """A MiB at a time."""

    def answer(handler, data, start):
        head(handler, data, start)
        for place in range(start, len(data), 1 << 20):
            handler.wfile.write(data[place:place + (1 << 20)])
            time.sleep(pause)

    return answer
