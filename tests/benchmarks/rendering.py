"""How many emails and letters are made in a second, beside what their engines take for the bare words."""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from tests.benchmarks.figures import Figure, Turns

BODY = """# Your reminder

Dear ((name))

Your licence runs out on ((day)). You can renew it:

* online, in five minutes
* at any post office

^ Bring your old licence

[Renew now](https://service.example/renew)"""
EMAILS, LETTERS = 300, 5
EMAIL, MARKDOWN = "notify: an email as HTML and text", "markdown-it alone"
LETTER, EMPTY_PAGE = "notify: a letter as PDF", "typst: an empty page"


def measure(rounds: int) -> Iterable[Figure]:
    """Yield the figures; no database is asked."""
    import typst
    from markdown_it import MarkdownIt

    from gaap_notify.rendering import Personalisation, fill_email
    from gaap_notify.rendering.email_text import render_text
    from gaap_notify.rendering.letters.pdf import LetterPages, LetterPart, render_letter
    from gaap_notify.services.outgoing import render_page

    values, plain = Personalisation({"name": "Ngọc", "day": "1 May 2027"}), MarkdownIt()
    made_at, nothing = datetime(2026, 11, 1, tzinfo=UTC), b"#set page()"
    part = LetterPart(language="en", subject="Your licence", body=BODY, date="1 May 2027")
    letter = LetterPages(address=["A Person", "1 Street", "SW1A 1AA"], contact=["Licences"], parts=[part])

    def email() -> None:
        content = fill_email("Your licence ((name))", BODY, values, subject_values=values)
        render_page(subject=content.subject, body=content.body, language="en")
        render_text(content.body)

    turns = Turns(
        {
            MARKDOWN: _rate(lambda: plain.render(BODY), EMAILS),
            EMAIL: _rate(email, EMAILS),
            EMPTY_PAGE: _rate(lambda: typst.compile(nothing), LETTERS),
            LETTER: _rate(lambda: render_letter(letter, made_at=made_at), LETTERS),
        }
    ).run(rounds=rounds)
    yield turns.figure(EMAIL, control=MARKDOWN)
    yield turns.figure(LETTER, control=EMPTY_PAGE)


def _rate(step: Callable[[], object], count: int) -> Callable[[], float]:
    def measured() -> float:
        began = time.perf_counter()
        for _ in range(count):
            step()
        return count / (time.perf_counter() - began)

    return measured
