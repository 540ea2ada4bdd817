-- Who may do what. The roles themselves are made when the database is provisioned.

grant usage on schema pel to pel_pipeline;
grant select, insert, update, delete on all tables in schema pel to pel_pipeline;
grant usage on all sequences in schema pel to pel_pipeline;

-- the record of the past is written once
revoke update, delete on pel.predictions, pel.publications, pel.promotions from pel_pipeline;
revoke insert, update, delete on pel.schema_migrations from pel_pipeline;

grant usage on schema public to pel_pipeline, pel_reader;
grant select on all tables in schema public to pel_pipeline, pel_reader;
