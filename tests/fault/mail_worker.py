"""A worker of the post and of digests with short pauses, to be killed in mid-mail."""

import asyncio
import os
from datetime import timedelta

from earshot.core import mail, mail_server, work
from earshot.core.work import Worker, quiet_queue_logs
from earshot.digests.stages import DIGEST, DIGEST_ROUND

if __name__ == "__main__":
    quiet_queue_logs()
    mail.FIRST_PAUSE, mail.LONGEST_PAUSE = timedelta(seconds=0.2), timedelta(seconds=0.4)
    mail_server.COMMAND = 0.5
    work.HEARTBEAT = timedelta(seconds=3)
    asyncio.run(Worker(os.environ["EARSHOT_ROLE_DSN"], [mail.SEND_MAIL, DIGEST, DIGEST_ROUND]).run())
