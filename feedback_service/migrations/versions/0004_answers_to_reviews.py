"""answers to reviews."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite adds a reference only by writing the table anew.
    with op.batch_alter_table('story_event') as table:
        table.add_column(sa.Column('mention_id', sa.Integer(), nullable=True))
        table.create_index(op.f('ix_story_event_mention_id'), ['mention_id'], unique=False)
        table.create_foreign_key(op.f('fk_story_event_mention_id'), 'mention', ['mention_id'], ['id'], ondelete='SET NULL')


def downgrade() -> None:
    with op.batch_alter_table('story_event') as table:
        table.drop_constraint(op.f('fk_story_event_mention_id'), type_='foreignkey')
        table.drop_index(op.f('ix_story_event_mention_id'))
        table.drop_column('mention_id')
