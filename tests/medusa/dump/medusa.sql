--
-- PostgreSQL database dump
--


-- Dumped from database version 15.20 (Debian 15.20-0+deb12u1)
-- Dumped by pg_dump version 15.20 (Debian 15.20-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: auth_identity; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.auth_identity (
    id text NOT NULL,
    app_metadata jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone
);


--
-- Name: auth_mfa_factor; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.auth_mfa_factor (
    id text NOT NULL,
    auth_identity_id text NOT NULL,
    provider text NOT NULL,
    status text NOT NULL,
    provider_metadata jsonb,
    metadata jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone
);


--
-- Name: auth_verification; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.auth_verification (
    id text NOT NULL,
    auth_identity_id text NOT NULL,
    entity_id text NOT NULL,
    entity_type text NOT NULL,
    code_provider text NOT NULL,
    verified_at timestamp with time zone,
    requested_at timestamp with time zone NOT NULL,
    provider_metadata jsonb,
    metadata jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone
);


--
-- Name: customer; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.customer (
    id text NOT NULL,
    company_name text,
    first_name text,
    last_name text,
    email text,
    phone text,
    has_account boolean DEFAULT false NOT NULL,
    metadata jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    created_by text
);


--
-- Name: provider_identity; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.provider_identity (
    id text NOT NULL,
    entity_id text NOT NULL,
    provider text NOT NULL,
    auth_identity_id text NOT NULL,
    user_metadata jsonb,
    provider_metadata jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone
);


--
-- Data for Name: auth_identity; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.auth_identity (id, app_metadata, created_at, updated_at, deleted_at) FROM stdin;
authid_01M8B61Q2YR4HH4BD530C8Y8WH	{"customer_id": "cus_01M8B61Q7K0WPK687QPGNAWR40"}	2026-11-26 05:42:56.35+00	2026-11-26 05:42:56.569+00	\N
authid_01M8B61QWMN1F0AZSBMVBKY2MY	{"customer_id": "cus_01M8B61R1B48GA4M2K4M68KX0C"}	2026-11-26 05:42:57.172+00	2026-11-26 05:42:57.357+00	\N
authid_01M8B61RECG6DMTDA193E0H4PW	{"customer_id": "cus_01M8B61RJ6Q77Y2W0JJRGP054H"}	2026-11-26 05:42:57.74+00	2026-11-26 05:42:57.908+00	\N
authid_01M8B61S1MJS05PQRK21J83GSM	{"customer_id": "cus_01M8B61S571MJZ41TGT8VMWA5S"}	2026-11-26 05:42:58.356+00	2026-11-26 05:42:58.516+00	\N
authid_01M8B61SMWVGHFS2BGZD7PTZXS	{"customer_id": "cus_01M8B61SSCXRYNQXZ8RXKC5NJ1"}	2026-11-26 05:42:58.972+00	2026-11-26 05:42:59.123+00	\N
authid_01M8B61T44Q77TXZS1TQ11FB1J	{"customer_id": "cus_01M8B61T6RKSKSQ3N7E2PJZ2S8"}	2026-11-26 05:42:59.46+00	2026-11-26 05:42:59.576+00	\N
authid_01M8B61TKW32CTBEFNYRXFY9N3	{"customer_id": "cus_01M8B61TRBVA0YBRXAD8A6KRGV"}	2026-11-26 05:42:59.964+00	2026-11-26 05:43:00.144+00	\N
authid_01M8B61V4VS25A03NCJ28G71KT	{"customer_id": "cus_01M8B61V84RH5JJDE9AQJDYB3T"}	2026-11-26 05:43:00.507+00	2026-11-26 05:43:00.644+00	\N
authid_01M8B61VVHS3YVNG2P23VPW8KT	{"customer_id": "cus_01M8B61VZKNQFEVKPT3TZXNR5K"}	2026-11-26 05:43:01.233+00	2026-11-26 05:43:01.42+00	\N
authid_01M8B61WGWWZK4DC7T7SV9VHG3	{"customer_id": "cus_01M8B61WN0XBF7RC3Y7PJ4XTXV"}	2026-11-26 05:43:01.916+00	2026-11-26 05:43:02.093+00	\N
authid_01M8B61XYDEME05J2K3SEWDW6N	\N	2026-11-26 05:43:03.373+00	2026-11-26 05:43:03.373+00	\N
authid_01M8B60Z9S67QTWBCZSFW5AVCS	{"user_id": "user_01M8B60YV67GFT20VPBX7YH7Q5", "customer_id": "cus_01M8B61YZVJABAAXR0TAYP0BEE"}	2026-11-26 05:42:31.994+00	2026-11-26 05:43:04.499+00	\N
authid_01M8B00000GGGGGGGGGGGGGGGG	{"customer_id": "cus_01M8B00000GGGGGGGGGGGGGGGG"}	2026-11-26 05:43:04.817007+00	2026-11-26 05:43:04.817007+00	\N
\.


--
-- Data for Name: auth_mfa_factor; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.auth_mfa_factor (id, auth_identity_id, provider, status, provider_metadata, metadata, created_at, updated_at, deleted_at) FROM stdin;
authmfa_01M8B61VCHFNA92E96RK6XGMH9	authid_01M8B61V4VS25A03NCJ28G71KT	totp	enabled	{"issuer": "Medusa", "secret": "v1:_d5p8VHBm3AggLnT:IUDYRowZDBD25fCuiIseHg:I-UaEIWEaZlZJPukBmISuDNhc8RmJnzVVkdFjUPkteA"}	{}	2026-11-26 05:43:00.753+00	2026-11-26 05:43:00.848+00	\N
\.


--
-- Data for Name: auth_verification; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.auth_verification (id, auth_identity_id, entity_id, entity_type, code_provider, verified_at, requested_at, provider_metadata, metadata, created_at, updated_at, deleted_at) FROM stdin;
authver_01M8B61QCRVBH614N9WKZ631ED	authid_01M8B61Q2YR4HH4BD530C8Y8WH	jane@example.com	email	token	2026-11-26 05:42:56.753+00	2026-11-26 05:42:56.66+00	{"token_hash": "7fc6f2e5cb54d8a0d6bcadc6df8361be41a0c41c79c7382277a180c5ae3c6861"}	{}	2026-11-26 05:42:56.664+00	2026-11-26 05:42:56.78+00	\N
\.


--
-- Data for Name: customer; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.customer (id, company_name, first_name, last_name, email, phone, has_account, metadata, created_at, updated_at, deleted_at, created_by) FROM stdin;
cus_01M8B61Q7K0WPK687QPGNAWR40	Acme, Inc.	Jane	Doe	jane@example.com	+1 (212) 555-0134	t	{"vip": true, "note": "commas, \\"quotes\\"\\nand lines", "tags": ["a", "ü"]}	2026-11-26 05:42:56.5+00	2026-11-26 05:42:56.5+00	\N	\N
cus_01M8B61R1B48GA4M2K4M68KX0C	\N	María	\N	Maria.Lopez@Example.COM	\N	t	\N	2026-11-26 05:42:57.324+00	2026-11-26 05:42:57.324+00	\N	\N
cus_01M8B61RJ6Q77Y2W0JJRGP054H	\N	\N	\N	spaces@example.com	\N	t	\N	2026-11-26 05:42:57.862+00	2026-11-26 05:42:57.862+00	\N	\N
cus_01M8B61S571MJZ41TGT8VMWA5S	\N	\N	\N	numberless@example.com	call me	t	\N	2026-11-26 05:42:58.472+00	2026-11-26 05:42:58.472+00	\N	\N
cus_01M8B61SSCXRYNQXZ8RXKC5NJ1	\N	\N	\N	housemate@example.com	+12125550199	t	\N	2026-11-26 05:42:59.116+00	2026-11-26 05:42:59.116+00	\N	\N
cus_01M8B61T6RKSKSQ3N7E2PJZ2S8	\N	\N	\N	roommate@example.com	+1 212 555 0199	t	\N	2026-11-26 05:42:59.544+00	2026-11-26 05:42:59.544+00	\N	\N
cus_01M8B61TRBVA0YBRXAD8A6KRGV	\N	\N	\N	profile@example.com	\N	t	\N	2026-11-26 05:43:00.108+00	2026-11-26 05:43:00.108+00	\N	\N
cus_01M8B61V84RH5JJDE9AQJDYB3T	\N	\N	\N	factor@example.com	\N	t	\N	2026-11-26 05:43:00.612+00	2026-11-26 05:43:00.612+00	\N	\N
cus_01M8B61VZKNQFEVKPT3TZXNR5K	\N	\N	\N	Twin@example.com	\N	t	\N	2026-11-26 05:43:01.364+00	2026-11-26 05:43:01.364+00	\N	\N
cus_01M8B61WN0XBF7RC3Y7PJ4XTXV	\N	\N	\N	twin@example.com	\N	t	\N	2026-11-26 05:43:02.049+00	2026-11-26 05:43:02.049+00	\N	\N
cus_01M8B61X8MK81F5A9CDBGK681Z	\N	\N	\N	left@example.com	\N	t	\N	2026-11-26 05:43:02.677+00	2026-11-26 05:43:03.504+00	2026-11-26 05:43:03.503+00	\N
cus_01M8B61Y98J9TA2FNYZ1NV6QJD	\N	\N	\N	guest@example.com	\N	f	\N	2026-11-26 05:43:03.72+00	2026-11-26 05:43:03.72+00	\N	user_01M8B60YV67GFT20VPBX7YH7Q5
cus_01M8B61YBH4BJ22MWN8PNCX3DT	\N	\N	\N	jane@example.com	\N	f	\N	2026-11-26 05:43:03.793+00	2026-11-26 05:43:03.793+00	\N	user_01M8B60YV67GFT20VPBX7YH7Q5
cus_01M8B61YZVJABAAXR0TAYP0BEE	\N	Ada	\N	admin@example.com	\N	t	\N	2026-11-26 05:43:04.444+00	2026-11-26 05:43:04.444+00	\N	\N
cus_01M8B00000GGGGGGGGGGGGGGGG	\N	Gil	\N	google@example.com	\N	t	\N	2026-11-26 05:43:04.817007+00	2026-11-26 05:43:04.817007+00	\N	\N
\.


--
-- Data for Name: provider_identity; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.provider_identity (id, entity_id, provider, auth_identity_id, user_metadata, provider_metadata, created_at, updated_at, deleted_at) FROM stdin;
01M8B60Z9S0XR05PAPZDRPWQ8F	admin@example.com	emailpass	authid_01M8B60Z9S67QTWBCZSFW5AVCS	\N	{"password": "c2NyeXB0AA8AAAAIAAAAAeidAWloTBPcLPoy8bAYmANeJLZXXxLqdmAwVxRB0L8hPLp2AYMC+7iM0yE3CBk2Hww7cSv1eNMY8Hb/eFrpn52k50xOcYXmnt63KMj4sNzz"}	2026-11-26 05:42:31.994+00	2026-11-26 05:42:31.994+00	\N
01M8B61Q2X1QBFW865M4H4FMGH	jane@example.com	emailpass	authid_01M8B61Q2YR4HH4BD530C8Y8WH	\N	{"password": "c2NyeXB0AA8AAAAIAAAAAck5fScIM0rQJl2LzHT+6HHPhpYAgAXbH41c5ij1YLWxBgdap2b2I846nkc1/cma+zmuGv9YqS72EfRRUhZOCt73UVnGh8ZGAabCH9Rl/R8C"}	2026-11-26 05:42:56.35+00	2026-11-26 05:42:56.35+00	\N
01M8B61QWMJTEY9KRSGAM0J1B0	Maria.Lopez@Example.COM	emailpass	authid_01M8B61QWMN1F0AZSBMVBKY2MY	\N	{"password": "c2NyeXB0AA8AAAAIAAAAAcTF78vlXWR0FV71lcQ1L3hsM6YrLOCBs0W5m2yHDkZssnJLCqJJ1pc89LpQgaDxX18+Iayr5E3SumzkEU/XFPSD5deexRTvjK9c9AgynInL"}	2026-11-26 05:42:57.172+00	2026-11-26 05:42:57.172+00	\N
01M8B61REBAHBKCGV63X7KB1XN	spaces@example.com	emailpass	authid_01M8B61RECG6DMTDA193E0H4PW	\N	{"password": "c2NyeXB0AA8AAAAIAAAAASdGqUxolVhnvYgZ94x3yoja7S1DQIzDMmQsaOjyMoBXDsk8ku45A4II+mB1nBSnJFDtQZ0+aoMevnKyCtImhGX14suLzbzawdEAcaIX6bOy"}	2026-11-26 05:42:57.74+00	2026-11-26 05:42:57.74+00	\N
01M8B61S1MP821KN88919C917R	numberless@example.com	emailpass	authid_01M8B61S1MJS05PQRK21J83GSM	\N	{"password": "c2NyeXB0AA8AAAAIAAAAAdReea+9kuDCGfGRZeIieAJ8dy+qHceDcnexP7goaewRHDBUF+X4alei6pqDuTg70v9pkz/EY5f2hhO8xgNb4ZdhsGEiOUog3j1UA5R08w60"}	2026-11-26 05:42:58.356+00	2026-11-26 05:42:58.356+00	\N
01M8B61SMWDDSYQXQWR88Z34JA	housemate@example.com	emailpass	authid_01M8B61SMWVGHFS2BGZD7PTZXS	\N	{"password": "c2NyeXB0AA8AAAAIAAAAAZlJ6L+bTlRTtiS/GhM6oHux9YYdloNCnfUri+CaSTsF8JLp2c175UqOES3/iFmgMR/SLmuetS+U6t7NezxNBIYXj1X4MKCgqLkppP1GY5UA"}	2026-11-26 05:42:58.972+00	2026-11-26 05:42:58.972+00	\N
01M8B61T43FC2Q45SAM5GQ18S1	roommate@example.com	emailpass	authid_01M8B61T44Q77TXZS1TQ11FB1J	\N	{"password": "c2NyeXB0AA8AAAAIAAAAARk7yTi/mB3875RPeXX/OvqV4AQEwltXYltt5P3Ox+VeVdwd9NfCBn0kZWz2QluT+5zB9DqYCGyVo0WdCNe9WdKQaBqtX22TYcW/fnYXAqal"}	2026-11-26 05:42:59.46+00	2026-11-26 05:42:59.46+00	\N
01M8B61TKWMZBNBQN61CZT2NHA	login@example.com	emailpass	authid_01M8B61TKW32CTBEFNYRXFY9N3	\N	{"password": "c2NyeXB0AA8AAAAIAAAAAecenZh4NyL/6xp/2JT22ttl2O3r0lJxFJdXNxLvkHZvr+7mW5FoCczwy0Eg2BCMW91QOXCGokC9UNxM3sjWIPgLN/CNsL5E/w6jKCOV7yba"}	2026-11-26 05:42:59.964+00	2026-11-26 05:42:59.964+00	\N
01M8B61V4TSB46CYF2K1D39G5A	factor@example.com	emailpass	authid_01M8B61V4VS25A03NCJ28G71KT	\N	{"password": "c2NyeXB0AA8AAAAIAAAAAQVq2UEMKkMaFeTs8PJm0bLzvGyb07mnM477qgpzp1mqyZKReFuTplKVCfJS1TyElRKUxItkrwxezjYdZJ+H4FxG1grRP0NeCTJ2km1pWIbg"}	2026-11-26 05:43:00.507+00	2026-11-26 05:43:00.507+00	\N
01M8B61VVHW1FZE640JW501GQY	Twin@example.com	emailpass	authid_01M8B61VVHS3YVNG2P23VPW8KT	\N	{"password": "c2NyeXB0AA8AAAAIAAAAARUZ8snlCtOa2zzK/lg8dQiTk3CVJzEuHlbs+2LrDP3RdcHRMnNo2Ddbl9KYCivtDx6KA3F9Nza+ToZLkupRdLH0pAPH8x2J88Ct8eHayMlW"}	2026-11-26 05:43:01.233+00	2026-11-26 05:43:01.233+00	\N
01M8B61WGWH3JHVEKCYV79425V	twin@example.com	emailpass	authid_01M8B61WGWWZK4DC7T7SV9VHG3	\N	{"password": "c2NyeXB0AA8AAAAIAAAAAckOfBRq9LJEm9ewZuoQjXNjUerHrGo3juXg9rCPUaP7n2KxzfuGjWC96lxmFZ3NY0PwvqhHDkEsZDx3WmuE3L+Zto7AeGWWJ3/Nt0o+An/P"}	2026-11-26 05:43:01.916+00	2026-11-26 05:43:01.916+00	\N
01M8B61XYDQNHSFN6K7A7JRV4J	unfinished@example.com	emailpass	authid_01M8B61XYDEME05J2K3SEWDW6N	\N	{"password": "c2NyeXB0AA8AAAAIAAAAAe/lngx7yhO7kFrVd2MGSxwOGzaj1mE+f3uW3KjSXwYM+7JZcktbak3agRo0Nv1pdFdJBGXb1v2Dzc45iu/jG36H7rbu2ZOZm3e7fkLLbIcK"}	2026-11-26 05:43:03.373+00	2026-11-26 05:43:03.373+00	\N
01M8B00000GGGGGGGGGGGGGGGG	113370000000000000000	google	authid_01M8B00000GGGGGGGGGGGGGGGG	{"name": "Gil", "email": "google@example.com"}	\N	2026-11-26 05:43:04.817007+00	2026-11-26 05:43:04.817007+00	\N
\.


--
-- Name: auth_identity auth_identity_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.auth_identity
    ADD CONSTRAINT auth_identity_pkey PRIMARY KEY (id);


--
-- Name: auth_mfa_factor auth_mfa_factor_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.auth_mfa_factor
    ADD CONSTRAINT auth_mfa_factor_pkey PRIMARY KEY (id);


--
-- Name: auth_verification auth_verification_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.auth_verification
    ADD CONSTRAINT auth_verification_pkey PRIMARY KEY (id);


--
-- Name: customer customer_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (id);


--
-- Name: provider_identity provider_identity_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.provider_identity
    ADD CONSTRAINT provider_identity_pkey PRIMARY KEY (id);


--
-- Name: IDX_auth_identity_deleted_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX "IDX_auth_identity_deleted_at" ON public.auth_identity USING btree (deleted_at) WHERE (deleted_at IS NULL);


--
-- Name: IDX_auth_mfa_factor_auth_identity_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX "IDX_auth_mfa_factor_auth_identity_id" ON public.auth_mfa_factor USING btree (auth_identity_id) WHERE (deleted_at IS NULL);


--
-- Name: IDX_auth_mfa_factor_auth_identity_provider_active; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX "IDX_auth_mfa_factor_auth_identity_provider_active" ON public.auth_mfa_factor USING btree (auth_identity_id, provider) WHERE ((deleted_at IS NULL) AND (status = ANY (ARRAY['pending'::text, 'enabled'::text])));


--
-- Name: IDX_auth_mfa_factor_deleted_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX "IDX_auth_mfa_factor_deleted_at" ON public.auth_mfa_factor USING btree (deleted_at) WHERE (deleted_at IS NULL);


--
-- Name: IDX_auth_verification_auth_identity_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX "IDX_auth_verification_auth_identity_id" ON public.auth_verification USING btree (auth_identity_id) WHERE (deleted_at IS NULL);


--
-- Name: IDX_auth_verification_deleted_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX "IDX_auth_verification_deleted_at" ON public.auth_verification USING btree (deleted_at) WHERE (deleted_at IS NULL);


--
-- Name: IDX_auth_verification_unique_auth_identity_entity_id_entity_typ; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX "IDX_auth_verification_unique_auth_identity_entity_id_entity_typ" ON public.auth_verification USING btree (auth_identity_id, entity_id, entity_type) WHERE (deleted_at IS NULL);


--
-- Name: IDX_customer_deleted_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX "IDX_customer_deleted_at" ON public.customer USING btree (deleted_at) WHERE (deleted_at IS NULL);


--
-- Name: IDX_customer_email_has_account_unique; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX "IDX_customer_email_has_account_unique" ON public.customer USING btree (email, has_account) WHERE (deleted_at IS NULL);


--
-- Name: IDX_provider_identity_auth_identity_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX "IDX_provider_identity_auth_identity_id" ON public.provider_identity USING btree (auth_identity_id);


--
-- Name: IDX_provider_identity_deleted_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX "IDX_provider_identity_deleted_at" ON public.provider_identity USING btree (deleted_at) WHERE (deleted_at IS NULL);


--
-- Name: IDX_provider_identity_provider_entity_id; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX "IDX_provider_identity_provider_entity_id" ON public.provider_identity USING btree (entity_id, provider);


--
-- Name: auth_mfa_factor auth_mfa_factor_auth_identity_id_foreign; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.auth_mfa_factor
    ADD CONSTRAINT auth_mfa_factor_auth_identity_id_foreign FOREIGN KEY (auth_identity_id) REFERENCES public.auth_identity(id) ON UPDATE CASCADE ON DELETE CASCADE;


--
-- Name: auth_verification auth_verification_auth_identity_id_foreign; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.auth_verification
    ADD CONSTRAINT auth_verification_auth_identity_id_foreign FOREIGN KEY (auth_identity_id) REFERENCES public.auth_identity(id) ON UPDATE CASCADE ON DELETE CASCADE;


--
-- Name: provider_identity provider_identity_auth_identity_id_foreign; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.provider_identity
    ADD CONSTRAINT provider_identity_auth_identity_id_foreign FOREIGN KEY (auth_identity_id) REFERENCES public.auth_identity(id) ON UPDATE CASCADE ON DELETE CASCADE;


--
-- PostgreSQL database dump complete
--


