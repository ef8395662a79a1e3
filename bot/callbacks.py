"""What each button carries: 64 bytes that anybody may forge, so every value has its bounds."""

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

RowId = Annotated[int, Field(ge=1, le=2**31 - 1)]
AnyRow = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""0: of all."""
PageNumber = Annotated[int, Field(ge=0, le=99_999)]
Choice = Annotated[str, Field(max_length=32)]


class OpenMenu(CallbackData, prefix="menu"):
    pass


class OpenHelp(CallbackData, prefix="help"):
    pass


class OpenCases(CallbackData, prefix="cases"):
    stage: Choice = ""
    page: PageNumber = 0


class OpenStages(CallbackData, prefix="stages"):
    pass


class OpenCase(CallbackData, prefix="case"):
    id: RowId
    page: PageNumber = 0


class OpenDefendant(CallbackData, prefix="who"):
    id: RowId


class OpenHearings(CallbackData, prefix="hearings"):
    past: bool = False
    case: AnyRow = 0
    city: AnyRow = 0
    """A court in that city."""
    page: PageNumber = 0


class OpenCities(CallbackData, prefix="cities"):
    page: PageNumber = 0


class OpenHearing(CallbackData, prefix="hearing"):
    id: RowId


class SendPlace(CallbackData, prefix="place"):
    id: RowId


class SendCalendar(CallbackData, prefix="ics"):
    id: RowId


class OpenLetters(CallbackData, prefix="letters"):
    page: PageNumber = 0


class OpenAddress(CallbackData, prefix="write"):
    id: RowId


class OpenFundraisers(CallbackData, prefix="donate"):
    case: AnyRow = 0
    defendant: AnyRow = 0
    page: PageNumber = 0


class OpenFundraiser(CallbackData, prefix="fund"):
    id: RowId


class OpenRoutes(CallbackData, prefix="pay"):
    id: RowId
    pay_from: Choice


class OpenEvents(CallbackData, prefix="evenings"):
    page: PageNumber = 0


class OpenEvent(CallbackData, prefix="event"):
    id: RowId


class OpenSettings(CallbackData, prefix="settings"):
    pass


class SetLanguage(CallbackData, prefix="lang"):
    code: Choice


class AskCity(CallbackData, prefix="askcity"):
    pass


class SetTimezone(CallbackData, prefix="zone"):
    name: Choice
    """An IANA zone; "-": none."""


class OpenPrivacy(CallbackData, prefix="privacy"):
    pass


class AskToForget(CallbackData, prefix="forget"):
    pass


class Forget(CallbackData, prefix="forgetall"):
    pass
