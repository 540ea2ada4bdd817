"""Tell the operator, wherever that is: by mail, Slack, a webhook, or what else Apprise has an address for."""

import logging

from pel.settings import Settings

logger = logging.getLogger(__name__)


def notify(title: str, text: str) -> bool:
    """Send a notice to every address of ``PEL_NOTIFY``; returns whether all of them took it.

    Without an address nobody is told. Never raises, for what it tells of is bad enough; and logs no address, for a
    password may be part of it.
    """
    addresses = Settings.from_environment().notify
    if not addresses:
        logger.info("nobody is told, for PEL_NOTIFY is not set: %s", title)
        return False
    try:
        told = _send(addresses, title, text)
    except Exception as error:
        logger.error("nobody could be told: %s (%s)", title, type(error).__name__)
        return False
    if not told:
        logger.error("not everyone could be told: %s (the lines before say why)", title)
    return told


def _send(addresses: str, title: str, text: str) -> bool:
    from apprise import Apprise, NotifyFormat, NotifyType

    everyone, log = Apprise(), logging.getLogger("apprise")
    log.setLevel(logging.CRITICAL)  # it would print an address that it cannot read
    all_read = everyone.add(addresses)
    log.setLevel(logging.WARNING)
    if not all_read:
        logger.error("an address of PEL_NOTIFY is none that Apprise knows; its documentation lists them")
    return bool(everyone.notify(text, title, NotifyType.WARNING, body_format=NotifyFormat.TEXT)) and all_read
