"""surveys in a shop's own words, reminded, consented."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None
_LAST = 'CONSTRAINT uq_invitation_token_digest'


def upgrade() -> None:
    op.create_table('questionnaire',
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('contents', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], name=op.f('fk_questionnaire_shop_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_questionnaire_staff_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('shop_id', 'version', name=op.f('pk_questionnaire'))
    )
    op.create_table('subject_trial',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('subject_a', sa.Text(), nullable=False),
    sa.Column('subject_b', sa.Text(), nullable=False),
    sa.Column('expected_rate', sa.Double(), nullable=False),
    sa.Column('least_gap', sa.Double(), nullable=False),
    sa.Column('per_subject', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], name=op.f('fk_subject_trial_shop_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subject_trial'))
    )
    op.create_index(op.f('ix_subject_trial_shop_id_language'), 'subject_trial', ['shop_id', 'language'], unique=False)
    op.create_table('survey_consent',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('address_key', sa.Text(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('how', sa.Text(), nullable=False),
    sa.Column('proof', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_how', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], name=op.f('fk_survey_consent_shop_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_survey_consent')),
    sa.UniqueConstraint('shop_id', 'address_key', 'given_at', name=op.f('uq_survey_consent_shop_id_address_key_given_at'))
    )
    op.add_column('answer', sa.Column('questionnaire_version', sa.Integer(), server_default='0', nullable=False))
    op.add_column('answer', sa.Column('nps', sa.Integer(), nullable=True))
    op.add_column('answer', sa.Column('other_reason', sa.Text(), nullable=True))
    op.add_column('answer', sa.Column('contact_permitted_at', sa.DateTime(timezone=True), nullable=True))
    _allow_null('answer', 'rating')
    op.add_column('invitation', sa.Column('survey', sa.Enum('return', 'periodic', name='survey', native_enum=False, length=40), server_default='return', nullable=False))
    _add_reference('customer_id', 'customer')
    op.add_column('invitation', sa.Column('reminder_digest', sa.Text(), nullable=True))
    _add_reference('reminder_mail_id', 'outbox_mail')
    op.add_column('invitation', sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True))
    _add_reference('subject_trial_id', 'subject_trial')
    op.add_column('invitation', sa.Column('subject', sa.Enum('a', 'b', name='subject', native_enum=False, length=40), nullable=True))
    _allow_null('invitation', 'return_id')
    op.create_index(op.f('ix_invitation_customer_id'), 'invitation', ['customer_id'], unique=False)
    op.create_index(op.f('ix_invitation_reminder_mail_id'), 'invitation', ['reminder_mail_id'], unique=False)
    op.create_index(op.f('ix_invitation_subject_trial_id_subject'), 'invitation', ['subject_trial_id', 'subject'], unique=False)
    op.create_index(op.f('ix_invitation_reminder_digest'), 'invitation', ['reminder_digest'], unique=True)
    op.add_column('invitation', sa.Column('has_consent', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('shop', sa.Column('reminder_days', sa.Integer(), server_default='5', nullable=False))
    op.add_column('shop', sa.Column('nps_enabled', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('shop', sa.Column('nps_every_days', sa.Integer(), server_default='90', nullable=False))
    op.add_column('shop', sa.Column('questionnaire_version', sa.Integer(), server_default='0', nullable=False))


def _add_reference(column: str, table: str) -> None:
    op.add_column('invitation', sa.Column(column, sa.Integer(), nullable=True))
    if op.get_context().dialect.name != 'sqlite':
        op.create_foreign_key(op.f(f'fk_invitation_{column}'), 'invitation', table, [column], ['id'], ondelete='SET NULL')
        return
    _rewrite('invitation', _LAST, _foreign_key(column, table) + _LAST)


def _drop_reference(column: str, table: str) -> None:
    if op.get_context().dialect.name == 'sqlite':
        _rewrite('invitation', _foreign_key(column, table), '')
    op.drop_column('invitation', column)


def _foreign_key(column: str, table: str) -> str:
    name = op.f(f'fk_invitation_{column}')
    return f'CONSTRAINT {name} FOREIGN KEY({column}) REFERENCES {table} (id) ON DELETE SET NULL, \n\t'


def _allow_null(table: str, column: str) -> None:
    if op.get_context().dialect.name == 'sqlite':
        _rewrite(table, f'{column} INTEGER NOT NULL', f'{column} INTEGER')
    else:
        op.alter_column(table, column, nullable=True)


def _rewrite(table: str, before: str, after: str) -> None:
    """Change a constraint of an SQLite table, which has no ALTER for it, as its documentation says (lang_altertable, 7).

    To make the table anew would delete the old one first and, by their foreign keys, rows of other tables.
    """
    connection = op.get_bind()
    version = connection.exec_driver_sql('PRAGMA schema_version').scalar_one()
    connection.exec_driver_sql('PRAGMA writable_schema=ON')
    connection.execute(
        sa.text("UPDATE sqlite_master SET sql = replace(sql, :before, :after) WHERE type = 'table' AND name = :table"),
        {'before': before, 'after': after, 'table': table},
    )
    connection.exec_driver_sql(f'PRAGMA schema_version={version + 1}')
    connection.exec_driver_sql('PRAGMA writable_schema=OFF')


def downgrade() -> None:
    # The column stays open to NULL: what it holds then is worth more than the constraint.
    op.drop_column('shop', 'questionnaire_version')
    op.drop_column('invitation', 'has_consent')
    op.drop_column('shop', 'nps_every_days')
    op.drop_column('shop', 'nps_enabled')
    op.drop_column('shop', 'reminder_days')
    op.drop_index(op.f('ix_invitation_reminder_digest'), table_name='invitation')
    op.drop_index(op.f('ix_invitation_subject_trial_id_subject'), table_name='invitation')
    op.drop_index(op.f('ix_invitation_reminder_mail_id'), table_name='invitation')
    op.drop_index(op.f('ix_invitation_customer_id'), table_name='invitation')
    op.drop_column('invitation', 'subject')
    _drop_reference('subject_trial_id', 'subject_trial')
    op.drop_column('invitation', 'reminded_at')
    _drop_reference('reminder_mail_id', 'outbox_mail')
    op.drop_column('invitation', 'reminder_digest')
    _drop_reference('customer_id', 'customer')
    op.drop_column('invitation', 'survey')
    op.drop_column('answer', 'contact_permitted_at')
    op.drop_column('answer', 'other_reason')
    op.drop_column('answer', 'nps')
    op.drop_column('answer', 'questionnaire_version')
    op.drop_table('survey_consent')
    op.drop_index(op.f('ix_subject_trial_shop_id_language'), table_name='subject_trial')
    op.drop_table('subject_trial')
    op.drop_table('questionnaire')
