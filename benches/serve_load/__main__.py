#!/usr/bin/env python3
"""The server under load, over loopback: nothing else may work on the machine meanwhile.

    python3 benches/serve_load BINARY first             first byte alone, by format
    python3 benches/serve_load BINARY beside            first byte of short requests beside others; underruns
    python3 benches/serve_load BINARY crowd             throughput and first byte at 1, 4, 16 clients
    python3 benches/serve_load BINARY cancelled|short|idle   memory, threads, descriptors afterwards
    python3 benches/serve_load crowd --port P --process N    the same of a server that runs already
    python3 benches/serve_load BINARY starts --other BINARY   the start of the program beside that of a build without a server

The exit code is 1 if the server holds more after requests than before.
"""

import argparse
import sys

# No folder of compiled modules beside the sources.
sys.dont_write_bytecode = True

import beside  # noqa: E402
import crowd  # noqa: E402
import endurance  # noqa: E402
import first  # noqa: E402
import process  # noqa: E402
import starts  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?")
    parser.add_argument("trial", choices=("first", "beside", "crowd", "cancelled", "short", "idle", "starts"))
    parser.add_argument("--voice", nargs="+", default=["fast_heart", "af_heart"])
    parser.add_argument("--count", type=int, help="of requests: 50, 2,000 cancelled ones, 20,000 short ones; of starts 40")
    parser.add_argument("--listeners", type=int, default=120, help="no more than these, whatever the processor could serve")
    parser.add_argument("--other", help="another build")
    parser.add_argument("--port", type=int)
    parser.add_argument("--process", type=int)
    asked = parser.parse_args()
    if asked.port is None and asked.binary is None:
        parser.error("neither a binary nor the port of a server")
    if asked.trial == "starts" and asked.other is None:
        parser.error("starts needs --other BINARY")
    fine = True
    for voice in asked.voice:
        if asked.trial == "first":
            first.run(asked.binary, voice, asked.count or 50)
        elif asked.trial == "starts":
            starts.run(asked.binary, asked.other, voice, asked.count or 40)
        elif asked.trial == "beside":
            beside.run(asked.binary, voice, asked.count or 50, asked.listeners)
        elif asked.trial == "crowd":
            server = process.Running(asked.port, asked.process, voice) if asked.port else process.Server(asked.binary, voice, "--speaking", "16")
            with server:
                print(voice, flush=True)
                crowd.run(server)
        elif asked.trial == "cancelled":
            fine &= endurance.cancelled(asked.binary, voice, asked.count or 2_000)
        elif asked.trial == "short":
            fine &= endurance.short(asked.binary, voice, asked.count or 20_000)
        else:
            fine &= endurance.idle(asked.binary, voice)
    sys.exit(not fine)


if __name__ == "__main__":
    main()
