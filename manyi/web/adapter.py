from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Members are added by owners; nobody signs up."""

    def is_open_for_signup(self, request: object) -> bool:
        return False
