"""Folders of templates: finding, writing, moving into."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.organisations.models import Service
from gaap_notify.errors import NoResultFoundError
from gaap_notify.models import Template, TemplateFolder

#: How deep folders may stand in each other.
DEEPEST = 5


class FolderError(Exception):
    """The folder cannot be made, moved or removed so; ``code`` is ``taken``, ``deep``, ``circle`` or ``full``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Place:
    """A folder and the names that lead to it, from the top."""

    folder: TemplateFolder
    path: Sequence[TemplateFolder]

    @property
    def label(self) -> str:
        """The names with a mark between them."""
        return " › ".join(folder.name for folder in self.path)


def places(service_id: UUID) -> list[Place]:
    """Return every folder of the service, ordered as one would read them, in one query."""
    rows = {row.pk: row for row in TemplateFolder.objects.filter(service_id=service_id)}
    return sorted((Place(row, path_to(row, rows)) for row in rows.values()), key=lambda place: place.label.casefold())


def path_to(folder: TemplateFolder, rows: Mapping[UUID, TemplateFolder]) -> list[TemplateFolder]:
    """Return the folders from the top down to ``folder``; ``rows`` are all of its service by id."""
    return [*reversed(list(_upwards(folder, rows)))]


def find_folder(service_id: UUID, folder_id: UUID) -> TemplateFolder:
    """Return the service's folder; raises NoResultFoundError."""
    folder = TemplateFolder.objects.filter(service_id=service_id, pk=folder_id).first()
    if folder is None:
        raise NoResultFoundError
    return folder


def create_folder(service: Service, *, name: str, parent: TemplateFolder | None, by: Actor) -> TemplateFolder:
    """Make a folder; raises FolderError when the name is taken there or it would stand too deep."""
    _check_depth(service.pk, parent, 1)
    try:
        with transaction.atomic():
            folder = TemplateFolder.objects.create(service=service, name=name, parent=parent)
            record("template_folder_created", target=folder, by=by, after={"name": name})
    except IntegrityError as error:
        raise FolderError("taken") from error
    return folder


def change_folder(folder: TemplateFolder, *, name: str, parent: TemplateFolder | None, by: Actor) -> None:
    """Rename a folder or put it into another; raises FolderError."""
    rows = {row.pk: row for row in TemplateFolder.objects.filter(service_id=folder.service_id)}
    if parent is not None and folder.pk in {row.pk for row in path_to(parent, rows)}:
        raise FolderError("circle")
    _check_depth(folder.service_id, parent, _height(folder, rows))
    before = {"name": folder.name, "parent": str(folder.parent_id or "")}
    try:
        with transaction.atomic():
            TemplateFolder.objects.filter(pk=folder.pk).update(name=name, parent=parent)
            after = {"name": name, "parent": str(parent.pk if parent else "")}
            record("template_folder_changed", target=folder, by=by, before=before, after=after)
    except IntegrityError as error:
        raise FolderError("taken") from error


@transaction.atomic
def delete_folder(folder: TemplateFolder, *, by: Actor) -> None:
    """Remove an empty folder; raises FolderError when something is in it."""
    TemplateFolder.objects.select_for_update().get(pk=folder.pk)
    if folder.folders.exists() or folder.templates.exists():
        raise FolderError("full")
    record("template_folder_deleted", target=folder, by=by, before={"name": folder.name})
    folder.delete()


@transaction.atomic
def move_template(template: Template, folder: TemplateFolder | None, *, by: Actor) -> bool:
    """Put a template into a folder, or at the top; returns False when it is there already."""
    if not Template.objects.filter(pk=template.pk).exclude(folder=folder).update(folder=folder):
        return False
    template.folder = folder
    record("template_moved", target=template, by=by, after={"folder": str(folder.pk if folder else "")})
    return True


def _upwards(folder: TemplateFolder, rows: Mapping[UUID, TemplateFolder]) -> Iterator[TemplateFolder]:
    seen: set[UUID] = set()
    here: TemplateFolder | None = folder
    while here is not None and here.pk not in seen:
        yield here
        seen.add(here.pk)
        here = rows.get(here.parent_id) if here.parent_id else None


def _check_depth(service_id: UUID, parent: TemplateFolder | None, height: int) -> None:
    """Raise FolderError when something ``height`` folders tall would reach too deep inside of ``parent``."""
    if parent is None:
        return
    rows = {row.pk: row for row in TemplateFolder.objects.filter(service_id=service_id)}
    if len(path_to(parent, rows)) + height > DEEPEST:
        raise FolderError("deep")


def _height(folder: TemplateFolder, rows: Mapping[UUID, TemplateFolder]) -> int:
    inner = [_height(row, rows) for row in rows.values() if row.parent_id == folder.pk]
    return 1 + max(inner, default=0)
