"""Hosts of their own for workers: network namespaces of this machine at a bridge, which only root can make."""

import itertools
import os
import subprocess

# The servers' address, at the bridge, and the first part of the hosts' addresses.
NETWORK = "10.213.77"
OUTSIDE = f"{NETWORK}.1"


def ip(*arguments, check=True):
    subprocess.run(["ip", *arguments], check=check, stderr=None if check else subprocess.DEVNULL)


class Hosts:
    """So many hosts, each with a network that can be cut off; they go with `ends`, a `contextlib.ExitStack`."""

    def __init__(self, count, ends):
        self.mark = f"ar{os.getpid() % 100_000}"
        self.names = [f"{self.mark}-{number}" for number in range(count)]
        self.next = itertools.cycle(range(count))
        ends.callback(self.remove)
        ip("link", "add", self.mark, "type", "bridge")
        ip("addr", "add", f"{OUTSIDE}/24", "dev", self.mark)
        ip("link", "set", self.mark, "up")
        for number, name in enumerate(self.names):
            ip("netns", "add", name)
            ip("link", "add", self.outer(number), "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("link", "set", self.outer(number), "master", self.mark, "up")
            ip("-n", name, "addr", "add", f"{NETWORK}.{number + 2}/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
            ip("-n", name, "link", "set", "lo", "up")

    def outer(self, number):
        """This machine's end of the cable of a host."""
        return f"{self.mark}v{number}"

    def another(self):
        """The next host, by its number."""
        return next(self.next)

    def at(self, number):
        """Begins a command that runs on a host."""
        return ["ip", "netns", "exec", self.names[number]]

    def cut(self, number):
        ip("link", "set", self.outer(number), "down")

    def mend(self, number):
        ip("link", "set", self.outer(number), "up")

    def remove(self):
        for name in self.names:
            ip("netns", "del", name, check=False)
        ip("link", "del", self.mark, check=False)
