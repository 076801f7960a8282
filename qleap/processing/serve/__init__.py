"""A quantum cloud of one's own: the OQTOPUS Cloud User API on qleap's simulators.

``settings`` says what is offered, ``tables`` and the stores (``store``, ``accounts``,
``jobs``, ``queue``) what is remembered, ``app`` and the routers what is answered,
``worker``, ``child``, ``executor`` and ``programs`` how jobs are run, and ``server``
puts them together.
"""
