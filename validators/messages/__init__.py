"""What is said to people about a finding: who, what, from when to when, which clause, which unit, by when."""

from validators.messages.catalogue import LANGUAGES, Catalogue, MessageTemplate, Wording, read_catalogue
from validators.messages.render import Message, render
from validators.messages.templates import templates

__all__ = [
    "LANGUAGES",
    "Catalogue",
    "Message",
    "MessageTemplate",
    "Wording",
    "read_catalogue",
    "render",
    "templates",
]
