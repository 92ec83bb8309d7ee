import { createApp } from "vue";
import "@/ui/styles/console.scss";
import App from "./App.vue";
import { router } from "./router";

createApp(App).use(router).mount("#console");
