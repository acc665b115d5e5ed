"""The story: its chapters by mode of ``REGISTRATION.IDENTIFIER``, and the one that is the same in all of them."""

from collections.abc import Callable, Mapping

from example_project.story import by_both, by_email, by_phone, without_password
from example_project.story.walk import Walk

Chapter = Callable[[Walk], None]


def look_around(walk: Walk) -> None:
    """Meet the staff, and see what else the shop answers."""
    shop, staff = walk.shop, walk.staff
    with walk.step(f"staff login as {staff.email} → login token"):
        staff.login_token = shop.post("/auth/user/emailpass", staff.by_email).expect(200, token=str)["token"]
    without_password.let_the_staff_in(walk)
    with walk.step("GET /store/nowhere → 404 as JSON"):
        shop.get("/store/nowhere").expect(404, type="not_found", message=str)
    with walk.step("GET /inbox, /docs and /openapi.json → pages"):
        for path in ("/inbox", "/docs", "/openapi.json"):
            shop.get(path).expect_page()


CHAPTERS: Mapping[str, tuple[Chapter, ...]] = {
    "email": by_email.CHAPTERS,
    "phone": by_phone.CHAPTERS,
    "both": by_both.CHAPTERS,
}
