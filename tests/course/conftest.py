"""What tests of drawings share."""

import matplotlib.pyplot as plt
import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell


@pytest.fixture
def no_window():
    """Figures are drawn without a screen."""
    plt.switch_backend("agg")


@pytest.fixture
def displayed(monkeypatch):
    """What a notebook would be sent: a list of dictionaries with data and metadata."""
    shell = InteractiveShell.instance()
    publisher = CapturingDisplayPublisher()
    monkeypatch.setattr(shell, "display_pub", publisher)
    yield publisher.outputs
    InteractiveShell.clear_instance()
