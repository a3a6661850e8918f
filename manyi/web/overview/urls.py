from django.urls import URLPattern, URLResolver, path

from manyi.web.overview.views import overview

urlpatterns: list[URLPattern | URLResolver] = [path("", overview, name="overview")]
