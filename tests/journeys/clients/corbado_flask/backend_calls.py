"""What the Python package does with the Backend API, in the version of this environment: users, identifiers, filters, pages,
errors. Settings as the package's own tests take them: CORBADO_PROJECT_ID CORBADO_API_SECRET CORBADO_FRONTEND_API
CORBADO_BACKEND_API. Ends with 0 when everything holds."""

import importlib.metadata
import os
import random
import string
import unittest
import uuid

from corbado_python_sdk import Config, CorbadoSDK, Identifier, IdentifierStatus, IdentifierType, UserStatus
from corbado_python_sdk.exceptions import ServerException
from corbado_python_sdk.generated import UserCreateReq


def config(api_secret=None):
    project = {
        "project_id": os.environ["CORBADO_PROJECT_ID"],
        "api_secret": api_secret or os.environ["CORBADO_API_SECRET"],
    }
    addresses = {
        "frontend_api": os.environ["CORBADO_FRONTEND_API"],
        "backend_api": os.environ["CORBADO_BACKEND_API"],
    }
    if importlib.metadata.version("passkeys") >= "2":
        return Config(**project, **addresses)
    # Earlier versions take the address of the Frontend API as a property only.
    made = Config(**project, backend_api=addresses["backend_api"])
    made.frontend_api = addresses["frontend_api"]
    return made


SDK = CorbadoSDK(config=config())
USERS, IDENTIFIERS = SDK.users, SDK.identifiers


def new_email():
    # With a plus sign, which must survive the way through a query.
    return f"call+{uuid.uuid4().hex[:10]}@example.com"


def new_phone():
    return "+491509" + "".join(random.choice(string.digits) for _ in range(7))


def new_user(name="Ada Lovelace"):
    return USERS.create_from_request(request=UserCreateReq(fullName=name, status=UserStatus.ACTIVE))


def add(user, kind, value, status=IdentifierStatus.PRIMARY):
    return IDENTIFIERS.create(user_id=user.user_id, identifier_type=kind, identifier_value=value, status=status)


class Users(unittest.TestCase):
    def test_created_as_asked(self):
        made = USERS.create(status=UserStatus.ACTIVE, full_name="Grace Hopper")
        self.assertEqual((made.status, made.full_name), (UserStatus.ACTIVE, "Grace Hopper"))
        self.assertRegex(made.user_id, r"^usr-\d+$")

    def test_every_status_is_kept(self):
        for status in (UserStatus.PENDING, UserStatus.ACTIVE, UserStatus.DISABLED):
            made = USERS.create(status=status, full_name="Grace")
            self.assertEqual((made.status, USERS.get(made.user_id).status), (status, status))

    def test_what_was_created_is_what_is_read(self):
        made = new_user()
        self.assertEqual(made, USERS.get(user_id=made.user_id))

    def test_the_webauthn_id_of_an_earlier_system_is_kept(self):
        made = USERS.create(status=UserStatus.ACTIVE, full_name="Ada", explicit_webauthn_id="legacy-4711")
        self.assertEqual(made, USERS.get(user_id=made.user_id))

    def test_deleted_is_gone(self):
        made = new_user()
        USERS.delete(user_id=made.user_id)
        with self.assertRaises(ServerException) as caught:
            USERS.get(user_id=made.user_id)
        self.assertEqual(caught.exception.http_status_code, 400)

    def test_nobody_is_a_wrong_field(self):
        for ask in (USERS.get, USERS.delete):
            with self.assertRaises(ServerException) as caught:
                ask(user_id="usr-123456789")
            self.assertEqual(caught.exception.http_status_code, 400)
            self.assertEqual(caught.exception.validation_messages, ["userID: does not exist"])


class Identifiers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.user = new_user()
        cls.email, cls.phone = new_email(), new_phone()
        cls.email_identifier = add(cls.user, IdentifierType.EMAIL, cls.email)
        add(cls.user, IdentifierType.PHONE, cls.phone)

    def test_created_as_asked(self):
        user, email = new_user(), new_email()
        made: Identifier = add(user, IdentifierType.EMAIL, email)
        self.assertEqual((made.user_id, made.value, made.type), (user.user_id, email, IdentifierType.EMAIL))
        self.assertEqual(made.status, IdentifierStatus.PRIMARY)

    def test_blank_is_refused(self):
        with self.assertRaises(ServerException) as caught:
            add(new_user(), IdentifierType.EMAIL, "")
        self.assertEqual(caught.exception.validation_messages[0], "identifierValue: cannot be blank")

    def test_found_by_value_and_type(self):
        found = IDENTIFIERS.list_identifiers(identifier_type=IdentifierType.EMAIL, identifier_value=self.email)
        self.assertEqual(found.paging.total_items, 1)
        exists = IDENTIFIERS.exists_by_value_and_type
        self.assertTrue(exists(value=self.email, identifier_type=IdentifierType.EMAIL))
        self.assertFalse(exists(value=self.email, identifier_type=IdentifierType.PHONE))

    def test_found_by_user(self):
        user = new_user()
        first, second = add(user, IdentifierType.EMAIL, new_email()), add(user, IdentifierType.PHONE, new_phone())
        found = IDENTIFIERS.list_identifiers(user_id=user.user_id)
        self.assertEqual({i.identifier_id for i in found.identifiers}, {first.identifier_id, second.identifier_id})

    def test_listed_without_filter(self):
        self.assertGreater(len(IDENTIFIERS.list_identifiers(sort=None, page_size=100).identifiers), 1)

    def test_status_is_changed(self):
        for status in (IdentifierStatus.PENDING, IdentifierStatus.PRIMARY):
            IDENTIFIERS.update_status(
                user_id=self.user.user_id, identifier_id=self.email_identifier.identifier_id, status=status
            )
            found = IDENTIFIERS.list_identifiers(identifier_value=self.email, identifier_type=IdentifierType.EMAIL)
            self.assertEqual(found.identifiers[0].status, status)

    def test_all_addresses_over_many_pages(self):
        user = new_user()
        add(user, IdentifierType.EMAIL, new_email())
        for _ in range(21):
            add(user, IdentifierType.EMAIL, new_email(), IdentifierStatus.VERIFIED)
        found = IDENTIFIERS.list_all_emails_by_user_id(user_id=user.user_id)
        self.assertEqual(len({i.value for i in found}), 22)

    def test_removed(self):
        made = add(self.user, IdentifierType.EMAIL, new_email(), IdentifierStatus.VERIFIED)
        IDENTIFIERS.delete(identifier_id=made.identifier_id, user_id=made.user_id)
        self.assertFalse(IDENTIFIERS.exists_by_value_and_type(value=made.value, identifier_type=IdentifierType.EMAIL))

    def test_taken_is_refused(self):
        with self.assertRaises(ServerException) as caught:
            add(new_user(), IdentifierType.EMAIL, self.email)
        self.assertEqual(caught.exception.http_status_code, 400)


class Errors(unittest.TestCase):
    """Whatever goes wrong becomes the package's own exception, with the id of the request."""

    def check(self, status, ask):
        with self.assertRaises(ServerException) as caught:
            ask()
        error = caught.exception
        self.assertEqual(error.http_status_code, status)
        self.assertRegex(error.request_data["requestID"], r"^req-.+")
        self.assertTrue(error.error["type"] if isinstance(error.error, dict) else error.error_type)

    def test_wrong_secret(self):
        stranger = CorbadoSDK(config=config(api_secret="corbado1_not_the_secret_of_this_project"))
        self.check(401, lambda: stranger.users.get(user_id="usr-1"))

    def test_wrong_fields(self):
        user = new_user()
        self.check(400, lambda: add(user, IdentifierType.EMAIL, "not an address"))
        self.check(400, lambda: add(user, IdentifierType.PHONE, "12"))
        self.check(400, lambda: USERS.get(user_id="usr-abc"))
        self.check(400, lambda: USERS.get(user_id="4711"))
        gone = lambda: IDENTIFIERS.delete(user_id=user.user_id, identifier_id="ide-4711")
        self.check(400, gone)
        self.check(400, lambda: IDENTIFIERS.list_identifiers(sort="nothing:asc"))


if __name__ == "__main__":
    unittest.main(verbosity=1)
