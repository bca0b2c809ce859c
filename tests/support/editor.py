"""A notebook that is run as JupyterLab runs it, without a browser."""

from nbclient import NotebookClient

from autograder.build import provisioner


class Editor(NotebookClient):
    """Runs cells as JupyterLab does: the request says which cell it is."""

    async def async_start_new_kernel_client(self):
        client = await super().async_start_new_kernel_client()
        session, send = client.session, client.session.send

        def send_with_cell(stream, message, *args, **keywords):
            if isinstance(message, dict) and message["header"]["msg_type"] == "execute_request":
                message["metadata"] = {"cellId": "one"}
            return send(stream, message, *args, **keywords)

        session.send = send_with_cell
        return client


def run_all(notebook, kind=Editor, **options):
    """Run every cell, whatever those before it came to; of each its metadata then has the status of the reply."""

    def remember(cell, cell_index, execute_reply):
        cell.metadata["status"] = execute_reply["content"]["status"]

    given = {"kernel_name": "python3", "timeout": 120, "allow_errors": True, "on_cell_executed": remember}
    kind(notebook, **given | options).execute()
    return notebook.cells


def warm_kernels(folder):
    """A class of managers whose kernels are forked from one that has loaded everything: a second, not ten.

    Args:
        folder: for their sockets; its name has to be short.
    """

    class Kernels(provisioner.WarmKernelManager):
        def __init__(self, **keywords):
            own = {"kernel_name": provisioner.KERNEL_NAME, "connection_file": f"{folder}/kernel.json"}
            super().__init__(**keywords | own)

    return Kernels
