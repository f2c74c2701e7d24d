"""Where `emulate` 0.12.2 is known to differ from Gmail: the test that shows it, and what it does instead.

Each of them is an expected failure that has to fail. docs/gmail-double.md has the same list for readers.
"""

from typing import Final

EMULATE_DIFFERS: Final = {
    "test_the_profile_names_the_address_and_a_history_id": "getProfile is missing (404)",
    "test_a_batch_answers_each_call_with_its_own_status": "the batch endpoint is missing (404)",
    "test_a_search_for_recent_mail_finds_it": "newer_than: and older_than: are looked for as words of the text",
    "test_a_search_that_leaves_out_a_folder_finds_the_rest": "-in: is looked for as a word of the text",
    "test_a_search_for_a_message_id_finds_the_mail": "rfc822msgid: never finds anything",
    "test_a_listing_of_nothing_has_no_messages_key": "an empty listing has an empty messages list",
    "test_history_without_news_has_no_history_key": "a history without news has an empty history list",
    "test_a_history_id_that_is_too_old_is_a_404": "a history id never expires (200)",
    "test_a_header_of_ours_shows_among_the_headers": "X- headers are missing from payload.headers (raw has them)",
    "test_the_labels_that_decide_what_is_read_are_there": "the label CHAT is missing",
    "test_a_changed_draft_keeps_its_id_and_its_message_gets_another": "a changed draft keeps its message id",
    "test_a_sent_mail_is_another_message_than_its_draft": "a sent mail keeps the message id of its draft",
    "test_the_message_id_of_a_sent_mail_is_not_ours": "the Message-ID header is not replaced",
    "test_the_bytes_given_with_the_call_leave_instead_of_the_drafts": "drafts.send ignores message.raw",
    "test_what_was_approved_leaves_when_somebody_has_changed_the_draft": "drafts.send ignores message.raw",
    "test_a_reply_with_another_subject_does_not_join_the_thread": "threadId is obeyed whatever the subject is",
    "test_a_thread_that_is_not_there_is_refused": "an unknown threadId is accepted",
    "test_a_mail_to_nobody_is_refused_and_its_draft_stays": "a mail without a recipient is sent",
    "test_a_mail_to_oneself_arrives_as_the_message_that_left": "nothing that is sent is delivered to anybody",
    "test_a_sender_who_is_not_ours_is_replaced": "any From is accepted",
    "test_an_access_token_that_was_never_given_is_a_401": "an unknown access token opens the first account (200)",
    "test_a_code_is_exchanged_by_a_client_that_names_itself_in_the_header": (
        "the token endpoint reads client_id and client_secret from the form only"
    ),
}
