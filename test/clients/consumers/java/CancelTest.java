// What a client on the JVM relies on when it cancels.
import static au.com.dius.pact.consumer.dsl.Matchers.fromProviderState;
import static org.junit.jupiter.api.Assertions.assertEquals;

import au.com.dius.pact.consumer.MockServer;
import au.com.dius.pact.consumer.dsl.PactBuilder;
import au.com.dius.pact.consumer.dsl.PactDslJsonBody;
import au.com.dius.pact.consumer.junit5.PactConsumerTestExt;
import au.com.dius.pact.consumer.junit5.PactTestFor;
import au.com.dius.pact.core.model.V4Pact;
import au.com.dius.pact.core.model.annotations.Pact;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PactConsumerTestExt.class)
@PactTestFor(providerName = "content-library")
class CancelTest {
  static final String SESSIONS = "/api/content/library/item/update-session/";

  record Case(String state, Map<String, Object> parameters, int status, String reason) {}

  static final List<Case> CASES = List.of(
      new Case("an update session", Map.of("state", "ACTIVE"), 204, null),
      new Case("an update session", Map.of("state", "DONE"), 400, "NOT_ALLOWED_IN_CURRENT_STATE"),
      new Case("no update session", Map.of(), 404, "NOT_FOUND"));

  /** The client that is tested. */
  static int cancel(String url, String token, String session) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(url + SESSIONS + session + "?action=cancel"))
        .header("vmware-api-session-id", token)
        .POST(BodyPublishers.noBody());
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.discarding()).statusCode();
  }

  @Pact(consumer = "java-client")
  V4Pact cancels(PactBuilder pact) {
    for (var each : CASES) {
      var path = fromProviderState(SESSIONS + "${update_session_id}", SESSIONS + "session-" + each.status);
      pact.given("an API session")
          .given(each.state, each.parameters)
          .expectsToReceiveHttpInteraction("a cancel that is answered " + each.status, http -> http
              .withRequest(request -> request
                  .method("POST")
                  .path(path)
                  .queryParameter("action", "cancel")
                  .header("vmware-api-session-id", fromProviderState("${token}", "token-1")))
              .willRespondWith(response -> each.reason == null
                  ? response.status(each.status)
                  : response.status(each.status).body(new PactDslJsonBody().stringValue("error_type", each.reason))));
    }
    return pact.toPact();
  }

  @Test
  void cancels(MockServer server) throws Exception {
    for (var each : CASES) assertEquals(each.status, cancel(server.getUrl(), "token-1", "session-" + each.status));
  }
}
