"""A role for a warm process that needs no torch: what it is told and asked comes back, and it ends as asked."""

import json
import os
import time


def load(argument):
    if argument == "slowly":
        time.sleep(600)

    def become(request, files):
        if files:
            os.write(
                files[0],
                json.dumps([argument, len(request.get("say", "")), os.getpid(), sorted(os.environ)]).encode(),
            )
        if "sleep" in request:
            time.sleep(request["sleep"])
        if "raise" in request:
            raise RuntimeError
        os._exit(request.get("exit", 0))

    return become
