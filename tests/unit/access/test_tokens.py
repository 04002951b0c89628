"""Tokens, codes and passwords."""

import re

from access import passwords, tokens


def test_a_token_has_256_random_bits_and_is_stored_as_a_hash():
    token = tokens.new_token()
    assert len(token) == 43
    assert token != tokens.new_token()
    assert re.fullmatch(r"[0-9a-f]{64}", tokens.token_id(token))


def test_a_code_can_be_typed_in_any_case_with_or_without_the_hyphen():
    code = tokens.new_code()
    assert re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{5}-[2-9A-HJKMNP-TV-Z]{5}", code)
    assert tokens.code_id(code) == tokens.code_id(code.lower().replace("-", " "))
    assert tokens.code_id(code) != tokens.token_id(code)


def test_any_text_can_be_shown_as_a_token():
    assert tokens.token_id("\ud800")


def test_a_password_fits_only_itself_however_the_keyboard_spells_it():
    stored = passwords.hash_password("ｐａｓｓword-额尔敦")
    assert stored.startswith("$argon2id$")
    assert passwords.verify(stored, "password-额尔敦")
    assert not passwords.verify(stored, "password-额尔登")


def test_a_login_that_does_not_exist_costs_the_same_work_and_never_fits():
    assert not passwords.verify(None, "the account that is not there")
    assert not passwords.verify("not a hash", "x")
