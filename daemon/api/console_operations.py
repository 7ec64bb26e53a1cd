"""The list of the calls by which people log in to the console, and of those on its users."""

from typing import Any

from daemon.api.console_bodies import (
    LoggedOut,
    Login,
    NewUser,
    PasswordChange,
    RemovedUser,
    SessionBody,
    Setup,
    UserBody,
    UserChange,
    UserList,
)
from daemon.api.device_operations import BODY_CODES
from daemon.api.operations import NoBody, Operation, Parameter
from daemon.api.sessions import SessionCalls
from daemon.api.users import UserCalls
from daemon.console.users import NAME
from daemon.keys import Permission

TAG = "Console"
LOGIN_CODES = (*BODY_CODES, "A_005", "A_006", "L_001", "L_003")
USER = Parameter("user", "path", "Who.", {"type": "string", "pattern": f"^{NAME}$"}, "anna")


def session_operations(calls: SessionCalls) -> tuple[Operation[Any], ...]:
    """Login and logout. An answer that opens a session sets the cookie `auther_session`."""
    return (*_entering(calls), *_inside(calls))


def _entering(calls: SessionCalls) -> tuple[Operation[Any], ...]:
    return (
        Operation(
            id="getSession",
            method="GET",
            path="/console/session",
            tag=TAG,
            summary="Who is logged in",
            description="By the cookie. `setupNeeded`: there is no user yet.",
            handler=calls.show,
            body=NoBody,
            answer=SessionBody,
            public=True,
            codes=("A_004",),
        ),
        Operation(
            id="setUpConsole",
            method="POST",
            path="/console/setup",
            tag=TAG,
            summary="Make the first administrator",
            description="Only while there is no user, and with the code that only who is at the terminal can read.",
            handler=calls.set_up,
            body=Setup,
            answer=SessionBody,
            public=True,
            codes=(*LOGIN_CODES, "R_012", "R_013"),
            example={"setupCode": "7k3m-x9q2-0vwe", "user": "anna", "password": "four words of my own"},
        ),
        Operation(
            id="logIn",
            method="POST",
            path="/console/login",
            tag=TAG,
            summary="Log in",
            description="Ends the session that the browser had. After a few wrong passwords each further try waits.",
            handler=calls.log_in,
            body=Login,
            answer=SessionBody,
            public=True,
            codes=LOGIN_CODES,
            example={"user": "anna", "password": "four words of my own"},
        ),
    )


def _inside(calls: SessionCalls) -> tuple[Operation[Any], ...]:
    return (
        Operation(
            id="logOut",
            method="POST",
            path="/console/logout",
            tag=TAG,
            summary="Log out",
            description="Ends the session.",
            handler=calls.log_out,
            body=NoBody,
            answer=LoggedOut,
            audit="log out",
        ),
        Operation(
            id="changePassword",
            method="POST",
            path="/console/password",
            tag=TAG,
            summary="Change one's own password",
            description="Ends all sessions of the user and opens a new one.",
            handler=calls.change_password,
            body=PasswordChange,
            answer=SessionBody,
            codes=(*LOGIN_CODES, "R_012", "NF_004"),
            example={"old": "four words of my own", "new": "five other words of mine"},
            audit="change own password",
            durable=True,
        ),
    )


def user_operations(calls: UserCalls) -> tuple[Operation[Any], ...]:
    """Who may log in."""
    return (*_users(calls), *_one_user(calls))


def _users(calls: UserCalls) -> tuple[Operation[Any], ...]:
    path, permission = "/console/users", Permission.USERS
    return (
        Operation(
            id="listUsers",
            method="GET",
            path=path,
            tag=TAG,
            summary="Who may log in",
            description="Names, roles, last logins.",
            handler=calls.all,
            body=NoBody,
            answer=UserList,
            permission=permission,
            audit="list users",
        ),
        Operation(
            id="createUser",
            method="POST",
            path=path,
            tag=TAG,
            summary="Let somebody log in",
            description="A viewer sees; an operator also opens the door, enrols and suspends; an administrator may "
            "everything. Nobody makes a user who may more than they do.",
            handler=calls.create,
            body=NewUser,
            answer=UserBody,
            permission=permission,
            codes=(*BODY_CODES, "R_012", "R_013"),
            example={"user": "anna", "role": "operator", "password": "four words of my own"},
            audit="create user",
            subject=lambda body: body.user,
            durable=True,
        ),
    )


def _one_user(calls: UserCalls) -> tuple[Operation[Any], ...]:
    path, permission = "/console/users/{user}", Permission.USERS
    return (
        Operation(
            id="changeUser",
            method="PUT",
            path=path,
            tag=TAG,
            summary="Change a user's role or password",
            description="Ends the user's sessions.",
            handler=calls.change,
            body=UserChange,
            answer=UserBody,
            permission=permission,
            parameters=(USER,),
            codes=(*BODY_CODES, "R_012", "NF_004"),
            example={"role": "viewer"},
            audit="change user",
            durable=True,
        ),
        Operation(
            id="removeUser",
            method="DELETE",
            path=path,
            tag=TAG,
            summary="Let somebody log in no more",
            description="Ends the user's sessions. The last administrator stays.",
            handler=calls.remove,
            body=NoBody,
            answer=RemovedUser,
            permission=permission,
            parameters=(USER,),
            codes=("R_002", "NF_004"),
            audit="remove user",
            durable=True,
        ),
    )
